-- Messages from customers stored in the window, by company; createdAt, because sentAt is the
-- provider's time.
WITH counted AS (
    SELECT c."companyId" AS company, count(*) AS messages, max(m."createdAt") AS newest
    FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
    WHERE m.id >= :Message.since_id AND m."createdAt" >= :since AND m.direction = 'INBOUND'
    GROUP BY 1
), companies AS (
    SELECT c.id, c.name, coalesce(n.messages, 0) AS messages, n.newest
    FROM "Company" c LEFT JOIN counted n ON n.company = c.id
    WHERE c."whatsappBusinessNumber" IS NOT NULL OR n.company IS NOT NULL
)
SELECT name AS label, id AS key, messages AS value,
       coalesce('last ' || round(extract(epoch FROM :now::timestamp - newest))::int || 's ago', '') AS note
FROM companies
UNION ALL
SELECT NULL, NULL, NULL,
       coalesce('last ' || round(extract(epoch FROM :now::timestamp - max(newest)))::int || 's ago', '')
FROM companies
