-- Customers' messages that arrived in the window and have no Message row of their company: the
-- ids of two Chatwoot servers can be the same, and the table keeps only one of them.
WITH incoming AS (
    SELECT DISTINCT "companyId" AS company, payload->>'id' AS message
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.since_id AND id < :WebhookEvent.settled_id AND "createdAt" >= :since
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' = 'incoming'
)
SELECT count(*) FILTER (WHERE stored.id IS NULL) AS value, count(*) AS sample,
       'of ' || count(*) || ' received' AS note
FROM incoming LEFT JOIN LATERAL (
    SELECT m.id
    FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
    WHERE m."wabaMessageId" = 'chatwoot_' || incoming.message
      AND c."companyId" = incoming.company
    LIMIT 1
) stored ON true
