-- Per company: what its numbers count today against the recipients its campaigns reached today.
-- Rows of campaign messages are named only: who has no conversation gets a message without one.
WITH counted AS (
    SELECT "companyId" AS company,
           sum(CASE WHEN "lastResetAt" >= :today THEN "messagesSentToday" ELSE 0 END) AS sent
    FROM "WhatsAppNumber" WHERE "isActive" GROUP BY 1
), reached AS (
    SELECT p."companyId" AS company, count(*) AS recipients
    FROM "CampaignRecipient" r JOIN "Campaign" p ON p.id = r."campaignId"
    WHERE r.status = 'sent' AND r."sentAt" >= :today
    GROUP BY 1
), written AS (
    SELECT c."companyId" AS company, count(*) AS messages
    FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
    WHERE m.id >= :Message.since_id AND m."createdAt" >= :today
      AND m.direction = 'OUTBOUND' AND m."templateName" IS NOT NULL
    GROUP BY 1
), clock AS (
    SELECT :now::timestamp - :today::timestamp NOT BETWEEN interval '2 min' AND interval '23:58' AS is_midnight
), answer AS (
    SELECT c.name AS label, c.id AS key, abs(n.sent - coalesce(r.recipients, 0)) AS value,
           n.sent || ' counted, ' || coalesce(r.recipients, 0) || ' recipients, '
           || coalesce(w.messages, 0) || ' rows' AS note
    FROM counted n JOIN "Company" c ON c.id = n.company
    LEFT JOIN reached r USING (company) LEFT JOIN written w USING (company), clock
    WHERE NOT is_midnight
)
(SELECT label, key, value, note FROM answer ORDER BY value DESC, label LIMIT 50)
UNION ALL
SELECT 'midnight', '', NULL, 'suspended around midnight' FROM clock WHERE is_midnight
