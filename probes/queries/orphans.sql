-- What foreign keys do not forbid, each kind a row. Of the window, and old enough to be complete;
-- rows that mix two companies since the launch.
WITH leads AS (
    SELECT count(*) FILTER (WHERE NOT EXISTS (
               SELECT FROM "Conversation" c WHERE c."leadId" = l.id)) AS total
    FROM "Lead" l
    WHERE l.id >= :Lead.since_id AND l.id < :Lead.settled_id AND l."createdAt" >= :since AND l."createdAt" < :settled
      AND l.source IN ('API/Webhook', 'WhatsApp')
), empty AS (
    SELECT count(*) FILTER (WHERE NOT EXISTS (
               SELECT FROM "Message" m WHERE m."conversationId" = c.id)) AS total
    FROM "Conversation" c
    WHERE c.id >= :Conversation.since_id AND c.id < :Conversation.settled_id AND c."createdAt" >= :since AND c."createdAt" < :settled
), events AS (
    SELECT count(*) FILTER (WHERE c.id IS NULL) AS total
    FROM "WebhookEvent" e LEFT JOIN "Company" c ON c.id = e."companyId"
    WHERE e.id >= :WebhookEvent.since_id AND e."createdAt" >= :since AND e."companyId" IS NOT NULL
), drafts AS (
    SELECT count(*) AS total FROM "Message" m
    WHERE m.id >= :Message.since_id AND m.id < :Message.settled_id AND m."createdAt" >= :since AND m."createdAt" < :settled
      AND m.direction = 'OUTBOUND' AND m."senderId" IS NULL AND m."templateName" IS NULL
), mixed AS (
    SELECT count(*) AS total, max(c.id) AS newest
    FROM "Conversation" c
    WHERE c.id >= :Conversation.launch_id AND c."createdAt" >= :launch
      AND c."companyId" <> (SELECT l."companyId" FROM "Lead" l WHERE l.id = c."leadId")
), unchecked AS (
    SELECT count(*) AS total, min(conname) AS first FROM pg_constraint
    WHERE NOT convalidated
      AND connamespace = (SELECT relnamespace FROM pg_class WHERE oid = '"Lead"'::regclass)
), kinds AS (
    SELECT *
    FROM leads l, empty c, events e, drafts d, mixed m, unchecked u, LATERAL (VALUES
        (1, m.total, 'conversations of another company than their lead', 'newest ' || m.newest),
        (2, l.total, 'leads without conversation', ''),
        (3, c.total, 'conversations without message', ''),
        (4, e.total, 'events of no company', ''),
        (5, d.total, 'approved drafts never sent', ''),
        (6, u.total, 'constraints never validated', u.first)
    ) k (place, found, label, told)
)
SELECT 0 AS place, NULL AS label, sum(found) AS value,
       CASE WHEN sum(found) FILTER (WHERE place = 1) > 0 THEN 'critical' END AS level,
       coalesce(string_agg(found || ' ' || label, ', ' ORDER BY place) FILTER (WHERE found > 0), 'none') AS note
FROM kinds
UNION ALL
SELECT place, label, found, NULL, told FROM kinds WHERE found > 0
ORDER BY 1
