-- Messages to customers, by company. Agents' replies live only in the events; a campaign writes
-- rows, and comes back as events, too, when it goes through Chatwoot: the larger count is taken.
-- A row of neither a template nor a sender is a draft that was approved and never sent.
WITH replies AS (
    SELECT e."companyId" AS company, count(DISTINCT e.payload->>'id') AS events
    FROM "WebhookEvent" e
    WHERE e.id >= :WebhookEvent.since_id AND e."createdAt" >= :since
      AND e.source = 'CHATWOOT' AND e."eventType" = 'message_created'
      AND e.payload->>'message_type' IN ('outgoing', 'template')
      AND coalesce(e.payload->>'private', 'false') <> 'true'
    GROUP BY 1
), rows AS (
    SELECT c."companyId" AS company,
           count(*) FILTER (WHERE m."templateName" IS NOT NULL) AS campaign,
           count(*) FILTER (WHERE m."templateName" IS NULL AND m."senderId" IS NULL) AS unsent
    FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
    WHERE m.id >= :Message.since_id AND m."createdAt" >= :since AND m.direction = 'OUTBOUND'
    GROUP BY 1
), companies AS (
    SELECT c.id, c.name, coalesce(r.events, 0) AS events, coalesce(w.campaign, 0) AS campaign,
           coalesce(w.unsent, 0) AS unsent
    FROM "Company" c LEFT JOIN replies r ON r.company = c.id LEFT JOIN rows w ON w.company = c.id
    WHERE c."whatsappBusinessNumber" IS NOT NULL OR r.company IS NOT NULL OR w.company IS NOT NULL
)
SELECT name AS label, id AS key, greatest(events, campaign) AS value,
       events || ' through Chatwoot, ' || campaign || ' campaign'
       || CASE WHEN unsent > 0 THEN ', ' || unsent || ' approved and never sent' ELSE '' END AS note
FROM companies
UNION ALL
SELECT NULL, NULL, NULL,
       coalesce(sum(events), 0) || ' through Chatwoot, ' || coalesce(sum(campaign), 0) || ' campaign'
       || CASE WHEN sum(unsent) > 0 THEN ', ' || sum(unsent) || ' approved and never sent' ELSE '' END
FROM companies
