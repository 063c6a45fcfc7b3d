-- Customers' messages of which an event arrived, by company, with the time Chatwoot gave them: from
-- the whole second of the launch until a minute ago. To be held against Chatwoot's own count of the same stretch.
WITH arrived AS MATERIALIZED (
    SELECT "companyId" AS company, payload->>'id' AS message, payload->>'created_at' AS made,
           "createdAt" AS at
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.launch_id AND "createdAt" >= date_trunc('second', :launch::timestamp)
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' = 'incoming'
), dated AS (
    SELECT company, message,
           CASE WHEN made ~ '^20\d\d-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):?[0-5]\d)$'
                THEN made::timestamptz AT TIME ZONE 'UTC'
                WHEN made ~ '^\d{9,10}(\.\d+)?$'
                THEN to_timestamp(made::double precision) AT TIME ZONE 'UTC'
                ELSE at END AS made
    FROM arrived
)
SELECT coalesce(min(c.name), 'no company of ours') AS label, d.company AS key,
       count(DISTINCT d.message) AS value
FROM dated d LEFT JOIN "Company" c ON c.id = d.company
WHERE d.made >= date_trunc('second', :launch::timestamp) AND d.made < :settled
GROUP BY d.company
