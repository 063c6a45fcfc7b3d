-- The Chatwoot ids of every message stored since the launch, by primary key. Asked for on demand.
SELECT substr("wabaMessageId", 10) AS message_id
FROM "Message"
WHERE id >= :Message.launch_id AND "createdAt" >= :launch AND direction = 'INBOUND'
  AND starts_with("wabaMessageId", 'chatwoot_')
