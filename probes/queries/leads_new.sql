-- New leads in the window, and phones that wrote to us and have no lead at all.
WITH created AS (
    SELECT count(*) AS total FROM "Lead" WHERE id >= :Lead.since_id AND "createdAt" >= :since
), writers AS (
    SELECT DISTINCT "companyId" AS company,
           coalesce(payload #>> '{conversation,meta,sender,phone_number}',
                    payload #>> '{sender,phone_number}') AS phone
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.since_id AND id < :WebhookEvent.settled_id AND "createdAt" >= :since
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' = 'incoming'
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
            ELSE missing.writers || ' writers, each with a lead' END AS note
FROM created, missing
