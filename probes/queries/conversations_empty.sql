-- Conversations begun in the window that never got a message.
SELECT count(*) FILTER (WHERE NOT EXISTS (
           SELECT FROM "Message" m WHERE m."conversationId" = c.id)) AS part,
       count(*) AS whole
FROM "Conversation" c
WHERE c.id >= :Conversation.since_id AND c.id < :Conversation.settled_id AND c."createdAt" >= :since
