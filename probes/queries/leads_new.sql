-- New leads in the window by source, and phones that wrote to us and have no lead at all.
WITH created AS (
    SELECT coalesce(sum(total), 0) AS total,
           string_agg(total || ' ' || source, ', ' ORDER BY total DESC, source) AS sources
    FROM (SELECT left(coalesce(source, 'no source'), 30) AS source, count(*) AS total FROM "Lead"
          WHERE id >= :Lead.since_id AND "createdAt" >= :since GROUP BY 1) each
), writers AS (
    SELECT DISTINCT "companyId" AS company,
           coalesce(payload #>> '{conversation,meta,sender,phone_number}',
                    payload #>> '{sender,phone_number}') AS phone
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.since_id AND id < :WebhookEvent.settled_id AND "createdAt" >= :since AND "createdAt" < :settled
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' = 'incoming'
      AND coalesce(payload #>> '{sender,type}', '') NOT IN ('agent', 'agent_bot')
), missing AS (
    SELECT count(*) FILTER (WHERE NOT EXISTS (
               SELECT FROM "Lead" l
               WHERE l.phone IN (ltrim(w.phone, '+'), '+' || ltrim(w.phone, '+'))
                 AND l."companyId" = w.company
           )) AS total,
           count(*) AS writers
    FROM writers w WHERE phone IS NOT NULL
)
SELECT created.total AS value,
       missing.writers AS sample,
       CASE WHEN missing.total > 0 THEN 'warning' END AS level,
       CASE WHEN missing.total > 0
            THEN missing.total || ' of ' || missing.writers || ' writers have no lead'
            ELSE missing.writers || ' writers, each with a lead' END
       || coalesce(' (' || created.sources || ')', '') AS note
FROM created, missing
