-- Conversations that look like two machines talking: too many messages, or one body three times.
WITH said AS (
    SELECT "conversationId" AS conversation, count(*) AS times, min(coalesce(body, '')) <> '' AS worded
    FROM "Message"
    WHERE id >= :Message.since_id AND "createdAt" >= :since
    GROUP BY 1, md5(coalesce(body, ''))
), spoken AS (
    SELECT conversation, sum(times) AS messages, max(times) FILTER (WHERE worded) AS repeated
    FROM said
    GROUP BY 1
)
SELECT count(*) FILTER (WHERE messages > 12 OR repeated >= 3) AS value,
       count(*) || ' conversations, busiest ' || coalesce(max(messages), 0) || ' messages' AS note
FROM spoken
