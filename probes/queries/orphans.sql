-- What foreign keys do not forbid: leads without a conversation, events of no company, and rows
-- whose conversation and lead belong to different companies.
WITH leads AS (
    SELECT count(*) FILTER (WHERE NOT EXISTS (
               SELECT FROM "Conversation" c WHERE c."leadId" = l.id)) AS alone
    FROM "Lead" l
    WHERE l.id >= :Lead.since_id AND l.id < :Lead.settled_id AND l."createdAt" >= :since
      AND l.source IN ('API/Webhook', 'WhatsApp')
), events AS (
    SELECT count(*) FILTER (WHERE c.id IS NULL) AS strays
    FROM "WebhookEvent" e LEFT JOIN "Company" c ON c.id = e."companyId"
    WHERE e.id >= :WebhookEvent.since_id AND e."createdAt" >= :since AND e."companyId" IS NOT NULL
), mixed AS (
    SELECT count(*) AS total
    FROM "Conversation" c JOIN "Lead" l ON l.id = c."leadId"
    WHERE c.id >= :Conversation.since_id AND c."createdAt" >= :since AND c."companyId" <> l."companyId"
)
SELECT leads.alone + events.strays + mixed.total AS value,
       CASE WHEN mixed.total > 0 THEN 'critical' END AS level,
       CASE WHEN mixed.total > 0 THEN mixed.total || ' rows mix two companies'
            ELSE leads.alone || ' leads without conversation, ' || events.strays || ' events of no company'
       END AS note
FROM leads, events, mixed
