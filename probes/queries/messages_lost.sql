-- Customers' messages that arrived since the launch, within the window at most, and have no Message
-- row of their company, by identity. The value is the last hour's; the rows name the ids, newest
-- first. Both tables are read by time and laid side by side; only what that leaves open is looked up
-- one by one: messages stored earlier, and ids of two companies, for two Chatwoot servers number
-- their messages alike and the table keeps only one of each.
WITH seen AS MATERIALIZED (
    SELECT id, coalesce("companyId", '') AS company, payload->>'id' AS message, "createdAt" AS at
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.launch_id AND id >= :WebhookEvent.since_id
      AND id < :WebhookEvent.settled_id AND "createdAt" >= :launch AND "createdAt" >= :since AND "createdAt" < :settled
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' = 'incoming'
    UNION ALL
    SELECT NULL, NULL, substr("wabaMessageId", 10), NULL
    FROM "Message"
    WHERE id >= :Message.launch_id AND id >= :Message.since_id
      AND starts_with("wabaMessageId", 'chatwoot_')
), messages AS MATERIALIZED (
    SELECT message, min(at) AS at,
           bool_and(company IS NOT NULL) OR min(company) <> max(company) AS is_doubtful
    FROM seen GROUP BY message HAVING count(company) > 0
), doubtful AS (
    SELECT s.company, s.message, min(s.at) AS at, min(s.id) AS event
    FROM seen s JOIN messages m ON m.message = s.message AND m.is_doubtful
    WHERE s.company IS NOT NULL
    GROUP BY 1, 2
), lost AS MATERIALIZED (
    SELECT d.company, d.message, d.at, d.at >= :now::timestamp - interval '1 hour' AS is_recent
    FROM doubtful d JOIN "WebhookEvent" e ON e.id = d.event
    WHERE coalesce(e.payload #>> '{sender,type}', '') NOT IN ('agent', 'agent_bot') AND NOT EXISTS (
        SELECT FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
        WHERE m."wabaMessageId" = 'chatwoot_' || d.message AND c."companyId" = d.company)
), named AS (
    SELECT coalesce(c.name, 'no company of ours') AS label, c.id AS key,
           count(*) FILTER (WHERE is_recent) AS recent, count(*) AS total,
           array_to_string((array_agg(left(message, 20) ORDER BY at DESC))[1:12], ' ') AS ids
    FROM lost LEFT JOIN "Company" c ON c.id = lost.company
    GROUP BY c.id, c.name
)
SELECT label, key, value, sample, note
FROM (
    SELECT 0 AS place, NULL AS label, NULL AS key,
           count(*) FILTER (WHERE is_recent) AS value,
           (SELECT count(*) FROM messages WHERE at >= :now::timestamp - interval '1 hour') AS sample,
           count(*) FILTER (WHERE is_recent) || ' in 1h, ' || count(*)
           || CASE WHEN :since::timestamp > :launch::timestamp
                   THEN ' in ' || :window::float8 / 3600 || 'h' ELSE ' since launch' END AS note
    FROM lost
    UNION ALL
    SELECT 1, label, key, recent, NULL,
           ids || CASE WHEN total > 12 THEN ' and ' || total - 12 || ' more' ELSE '' END
    FROM named
) answer
ORDER BY place, value DESC, label LIMIT 50
