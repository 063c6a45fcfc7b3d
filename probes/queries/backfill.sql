-- Customers' messages that arrived since the launch and are not in the Message table of their
-- company: what has to be fetched again from Chatwoot, oldest first. Asked for on demand.
WITH lost AS (
    SELECT DISTINCT ON (e."companyId", e.payload->>'id')
           e."companyId" AS company_id, e.payload->>'id' AS message_id,
           e.payload #>> '{conversation,id}' AS conversation, e."createdAt" AS at,
           e."eventType" AS event_type
    FROM "WebhookEvent" e
    WHERE e.id >= :WebhookEvent.launch_id AND e.id < :WebhookEvent.settled_id AND e."createdAt" < :settled
      AND e."createdAt" >= :launch
      AND e.source = 'CHATWOOT' AND e."eventType" = 'message_created'
      AND e.payload->>'message_type' = 'incoming'
      AND coalesce(e.payload #>> '{sender,type}', '') NOT IN ('agent', 'agent_bot')
      AND NOT EXISTS (
          SELECT FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
          WHERE m."wabaMessageId" = 'chatwoot_' || (e.payload->>'id')
            AND c."companyId" = e."companyId")
    ORDER BY e."companyId", e.payload->>'id', e."createdAt"
)
SELECT coalesce(c.name, 'no company of ours') AS company, l.company_id, l.message_id,
       l.conversation, l.at, l.event_type
FROM lost l LEFT JOIN "Company" c ON c.id = l.company_id
ORDER BY l.at, l.message_id LIMIT 10000
