-- From a message made in Chatwoot to its event stored here, 95th percentile: Chatwoot's queue and
-- the way between, as far as two clocks agree. Only dates that are surely dates are read.
WITH arrived AS (
    SELECT e."createdAt" AS at, e.payload->>'created_at' AS made
    FROM "WebhookEvent" e
    WHERE e.id >= :WebhookEvent.since_id AND e."createdAt" >= :since
      AND e.source = 'CHATWOOT' AND e."eventType" = 'message_created'
), lags AS (
    SELECT extract(epoch FROM at - made::timestamptz AT TIME ZONE 'UTC') AS lag
    FROM arrived
    WHERE CASE WHEN made ~ '^20\d\d-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):?[0-5]\d)$'
               THEN true ELSE false END
)
SELECT coalesce(greatest(1000 * CASE WHEN count(*) >= 5
                                     THEN percentile_cont(0.95) WITHIN GROUP (ORDER BY lag)
                                     ELSE percentile_cont(0.5) WITHIN GROUP (ORDER BY lag) END, 0), 0) AS value,
       count(*) AS sample,
       CASE WHEN min(lag) < -2 THEN 'clocks differ by ' || round(-min(lag)) || ' s or more'
            WHEN count(*) > 0 THEN 'p95 from Chatwoot to us' ELSE '' END AS note
FROM lags
