-- Customers' messages that arrived since the launch, within the window at most, and have no Message
-- row of their company, by identity. The value is the last hour's; the rows name the ids, newest
-- first. Webhooks are read by time, and each message is looked up by its unique id; whose it is
-- matters only where it was stored before, or where two companies had that id, for two Chatwoot
-- servers number their messages alike and the table keeps only one of each.
WITH seen AS MATERIALIZED (
    SELECT id, coalesce("companyId", '') AS company, payload->>'id' AS message, "createdAt" AS at
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.launch_id AND id >= :WebhookEvent.since_id
      AND id < :WebhookEvent.settled_id AND "createdAt" >= :launch AND "createdAt" >= :since AND "createdAt" < :settled
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' = 'incoming'
), arrived AS MATERIALIZED (
    SELECT company, message, min(at) AS at, min(id) AS event,
           count(*) OVER (PARTITION BY message) > 1 AS is_shared
    FROM seen GROUP BY company, message
), lost AS MATERIALIZED (
    SELECT a.company, a.message, a.at, a.at >= :now::timestamp - interval '1 hour' AS is_recent
    FROM arrived a JOIN "WebhookEvent" e ON e.id = a.event
    WHERE NOT CASE
        WHEN a.is_shared OR NOT EXISTS (
            SELECT FROM "Message" m
            WHERE m."wabaMessageId" = 'chatwoot_' || a.message AND m.id >= :Message.since_id)
        THEN EXISTS (
            SELECT FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
            WHERE m."wabaMessageId" = 'chatwoot_' || a.message AND c."companyId" = a.company)
        ELSE true
    END AND coalesce(e.payload #>> '{sender,type}', '') NOT IN ('agent', 'agent_bot')
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
           (SELECT count(DISTINCT message) FROM arrived
            WHERE at >= :now::timestamp - interval '1 hour') AS sample,
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
