-- Conversations written to in the window, and those that did not notice their newest message.
WITH written AS (
    SELECT "conversationId" AS id, max("createdAt") AS newest
    FROM "Message"
    WHERE id >= :Message.since_id AND id < :Message.settled_id AND "createdAt" >= :since AND direction = 'INBOUND'
    GROUP BY 1
), judged AS (
    SELECT count(*) AS touched,
           count(*) FILTER (WHERE c."lastMessageAt" IS NULL
                               OR c."lastMessageAt" < w.newest - interval '5 seconds') AS untracked
    FROM written w JOIN "Conversation" c USING (id)
)
SELECT touched AS value,
       touched AS sample,
       CASE WHEN untracked > 0 THEN 'warning' END AS level,
       CASE WHEN untracked > 0 THEN untracked || ' missed their last message'
            ELSE 'written to, all up to date' END AS note
FROM judged
