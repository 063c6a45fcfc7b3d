-- Chatwoot's events of the window, by company. The value counts customers' messages alone: other
-- events keep coming after message_created was unsubscribed. The notes count all of them.
WITH counted AS (
    SELECT e."companyId" AS company, count(*) AS events, max(e."createdAt") AS newest,
           count(*) FILTER (WHERE e."eventType" = 'message_created'
                              AND e.payload->>'message_type' = 'incoming') AS incoming
    FROM "WebhookEvent" e
    WHERE e.id >= :WebhookEvent.since_id AND e."createdAt" >= :since AND e.source = 'CHATWOOT'
    GROUP BY 1
), companies AS (
    SELECT c.id, c.name, coalesce(n.incoming, 0) AS incoming, coalesce(n.events, 0) AS events, n.newest
    FROM "Company" c LEFT JOIN counted n ON n.company = c.id
    WHERE c."whatsappBusinessNumber" IS NOT NULL OR n.company IS NOT NULL
), strays AS (
    SELECT coalesce(sum(n.events), 0) AS events
    FROM counted n WHERE NOT EXISTS (SELECT FROM "Company" c WHERE c.id = n.company)
)
SELECT name AS label, id AS key, incoming AS value,
       events || ' events, ' || incoming || ' incoming'
       || coalesce(', last ' || round(extract(epoch FROM :now::timestamp - newest))::int || 's ago', '') AS note
FROM companies
UNION ALL
SELECT NULL, NULL, NULL,
       coalesce(sum(c.events), 0) || ' events, ' || coalesce(sum(c.incoming), 0) || ' incoming'
       || coalesce(', last ' || round(extract(epoch FROM :now::timestamp - max(c.newest)))::int || 's ago', '')
       || CASE WHEN s.events > 0 THEN ', ' || s.events || ' of no company of ours' ELSE '' END
FROM strays s LEFT JOIN companies c ON true GROUP BY s.events
