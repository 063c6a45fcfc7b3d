-- Customers' messages that became a Message row of their company, by identity, once they had
-- time to; the worst company first. What the application's guard against agents leaves out is
-- not expected.
WITH incoming AS (
    SELECT DISTINCT "companyId" AS company, payload->>'id' AS message
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.since_id AND id < :WebhookEvent.settled_id AND "createdAt" >= :since AND "createdAt" < :settled
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' = 'incoming'
      AND coalesce(payload #>> '{sender,type}', '') NOT IN ('agent', 'agent_bot')
), matched AS (
    SELECT i.company, EXISTS (
               SELECT FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
               WHERE m."wabaMessageId" = 'chatwoot_' || i.message AND c."companyId" = i.company
           ) AS is_stored
    FROM incoming i
)
SELECT coalesce(c.name, 'no company of ours') AS label, coalesce(c.id, '') AS key,
       count(*) FILTER (WHERE is_stored) AS part, count(*) AS whole
FROM matched LEFT JOIN "Company" c ON c.id = matched.company
GROUP BY c.id, c.name
ORDER BY count(*) FILTER (WHERE is_stored)::float8 / count(*), count(*) DESC
