-- Customers' messages that became a Message row of their company, by identity, once they had
-- time to.
WITH incoming AS (
    SELECT DISTINCT "companyId" AS company, payload->>'id' AS message
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.since_id AND id < :WebhookEvent.settled_id AND "createdAt" >= :since
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' = 'incoming'
)
SELECT count(stored.id) AS part, count(*) AS whole
FROM incoming LEFT JOIN LATERAL (
    SELECT m.id
    FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
    WHERE m."wabaMessageId" = 'chatwoot_' || incoming.message
      AND c."companyId" = incoming.company
    LIMIT 1
) stored ON true
