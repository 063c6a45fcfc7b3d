-- Deliveries beyond the first of each message, by company, the worst first.
WITH delivered AS (
    SELECT "companyId" AS company, payload->>'id' AS message, payload->>'message_type' AS kind,
           count(*) AS times
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.since_id AND "createdAt" >= :since
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
    GROUP BY 1, 2, 3
)
SELECT coalesce(c.name, 'no company of ours') AS label, coalesce(c.id, '') AS key,
       sum(times) - count(*) AS part, count(*) AS whole,
       sum(times) || ' deliveries of ' || count(*) || ' messages' AS note
FROM delivered d LEFT JOIN "Company" c ON c.id = d.company
GROUP BY c.id, c.name
ORDER BY (sum(times) - count(*)) / count(*) DESC, count(*) DESC
