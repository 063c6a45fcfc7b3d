-- Conversations written to in the window, those that did not notice their newest message, and
-- leads whose new conversation is not their only active one.
WITH written AS (
    SELECT "conversationId" AS id, max("createdAt") AS newest
    FROM "Message"
    WHERE id >= :Message.since_id AND id < :Message.settled_id AND "createdAt" >= :since AND "createdAt" < :settled AND direction = 'INBOUND'
    GROUP BY 1
), judged AS (
    SELECT count(*) AS touched,
           count(*) FILTER (WHERE c."lastMessageAt" IS NULL
                               OR c."lastMessageAt" < w.newest - interval '5 seconds') AS untracked
    FROM written w JOIN "Conversation" c USING (id)
), begun AS (
    SELECT count(*) AS total,
           count(DISTINCT c."leadId") FILTER (WHERE c.status = 'ACTIVE' AND EXISTS (
               SELECT FROM "Conversation" o
               WHERE o."leadId" = c."leadId" AND o.status = 'ACTIVE' AND o.id <> c.id)) AS forked
    FROM "Conversation" c
    WHERE c.id >= :Conversation.since_id AND c."createdAt" >= :since
)
SELECT touched AS value,
       touched AS sample,
       CASE WHEN untracked + forked > 0 THEN 'warning' END AS level,
       begun.total || ' new'
       || CASE WHEN untracked > 0 THEN ', ' || untracked || ' missed their last message' ELSE '' END
       || CASE WHEN forked > 0 THEN ', ' || forked || ' leads with two active ones' ELSE '' END
       || CASE WHEN untracked + forked = 0 THEN ', all up to date' ELSE '' END AS note
FROM judged, begun
