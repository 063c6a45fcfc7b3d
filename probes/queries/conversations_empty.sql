-- Conversations begun in the window: those that never got a message, and those that share their
-- Chatwoot conversation with another active one of the company.
WITH begun AS (
    SELECT c.*, NOT EXISTS (SELECT FROM "Message" m WHERE m."conversationId" = c.id) AS is_empty,
           c.status = 'ACTIVE' AND EXISTS (
               SELECT FROM "Conversation" o
               WHERE o."chatwootConversationId" = c."chatwootConversationId"
                 AND o."companyId" = c."companyId" AND o.status = 'ACTIVE' AND o.id <> c.id) AS is_shared
    FROM "Conversation" c
    WHERE c.id >= :Conversation.since_id AND c.id < :Conversation.settled_id AND c."createdAt" >= :since AND c."createdAt" < :settled
)
SELECT count(*) FILTER (WHERE is_empty) AS part, count(*) AS whole,
       CASE WHEN count(*) FILTER (WHERE is_shared) > 0 THEN 'warning' END AS level,
       CASE WHEN count(*) FILTER (WHERE is_shared) > 0
            THEN count(DISTINCT ("companyId", "chatwootConversationId")) FILTER (WHERE is_shared)
                 || ' Chatwoot conversations twice active, newest '
                 || (array_agg("chatwootConversationId" ORDER BY id DESC) FILTER (WHERE is_shared))[1]
            ELSE count(*) FILTER (WHERE is_empty) || ' of ' || count(*) || ' without a message' END AS note
FROM begun
