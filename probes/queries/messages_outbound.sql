-- Messages to customers: agents' replies live only in the events, campaigns only as rows.
WITH replies AS (
    SELECT count(DISTINCT ("companyId", payload->>'id')) AS total
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.since_id AND "createdAt" >= :since
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' IN ('outgoing', 'template')
      AND coalesce((payload->>'private')::boolean, false) = false
), campaigns AS (
    SELECT count(*) AS total
    FROM "Message"
    WHERE id >= :Message.since_id AND "createdAt" >= :since
      AND direction = 'OUTBOUND' AND "templateName" IS NOT NULL
)
SELECT replies.total + campaigns.total AS value,
       replies.total || ' replies, ' || campaigns.total || ' campaign' AS note
FROM replies, campaigns
