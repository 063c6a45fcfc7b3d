-- The ledger since the launch: every customer's message Chatwoot delivered, and the joint at which
-- it stands. A stored message has come through all of them, for its conversation and lead are
-- foreign keys; the others are looked up one by one: no lead, no conversation, or no message of
-- their company. What is younger than the grace is in flight. Duplicates of the joints: deliveries,
-- leads, active conversations too many. Webhooks are read by time, the last day at most, and each
-- message is looked up by its unique id; whose it is matters only where two companies had that id,
-- or where it was stored before.
WITH seen AS MATERIALIZED (
    SELECT id, coalesce("companyId", '') AS company, payload->>'id' AS message, "createdAt" AS at
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.launch_id AND id >= :WebhookEvent.since_id
      AND "createdAt" >= :launch AND "createdAt" >= :since
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'message_type' = 'incoming'
), arrived AS MATERIALIZED (
    SELECT company, message, min(at) AS at, min(id) AS event, count(*) AS deliveries,
           count(*) OVER (PARTITION BY message) > 1 AS is_shared
    FROM seen GROUP BY company, message
), looked_up AS MATERIALIZED (
    SELECT a.company, a.message, a.at, a.deliveries, e.payload,
           coalesce(e.payload #>> '{sender,type}', '') IN ('agent', 'agent_bot') AS is_left_out
    FROM arrived a JOIN "WebhookEvent" e ON e.id = a.event
    WHERE NOT CASE
        WHEN a.is_shared OR NOT EXISTS (
            SELECT FROM "Message" m
            WHERE m."wabaMessageId" = 'chatwoot_' || a.message AND m.id >= :Message.since_id)
        THEN EXISTS (
            SELECT FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
            WHERE m."wabaMessageId" = 'chatwoot_' || a.message AND c."companyId" = a.company)
        ELSE true
    END
), open AS MATERIALIZED (
    SELECT l.at, l.at > :settled AS is_young, count(f.id) > 0 AS has_lead,
           coalesce(bool_or(EXISTS (SELECT FROM "Conversation" c WHERE c."leadId" = f.id)), false)
               AS has_conversation
    FROM (
        SELECT company, message, at,
               ltrim(coalesce(payload #>> '{conversation,meta,sender,phone_number}',
                              payload #>> '{sender,phone_number}'), '+') AS digits
        FROM looked_up WHERE NOT is_left_out
    ) l LEFT JOIN "Lead" f ON f.phone IN (l.digits, '+' || l.digits) AND f."companyId" = l.company
    GROUP BY l.company, l.message, l.at
), received AS (
    SELECT coalesce(sum(deliveries), 0)
           - (SELECT coalesce(sum(deliveries), 0) FROM looked_up WHERE is_left_out) AS deliveries,
           count(*) - (SELECT count(*) FROM looked_up WHERE is_left_out) AS messages
    FROM arrived
), counted AS (
    SELECT count(*) FILTER (WHERE NOT has_lead AND NOT is_young) AS leadless,
           count(*) FILTER (WHERE NOT has_lead AND is_young) AS leadless_young,
           count(*) FILTER (WHERE has_lead AND NOT has_conversation AND NOT is_young) AS untalked,
           count(*) FILTER (WHERE has_lead AND NOT has_conversation AND is_young) AS untalked_young,
           count(*) FILTER (WHERE has_conversation AND NOT is_young) AS unstored,
           count(*) FILTER (WHERE has_conversation AND is_young) AS unstored_young,
           count(*) FILTER (WHERE NOT is_young) AS leaked,
           count(*) FILTER (WHERE NOT is_young AND at >= :now::timestamp - interval '10 minutes') AS fresh
    FROM open
), new_leads AS (
    SELECT id, "companyId" AS company, ltrim(phone, '+') AS digits FROM "Lead"
    WHERE id >= :Lead.launch_id AND id >= :Lead.since_id
      AND "createdAt" >= :launch AND "createdAt" >= :since
), twin_leads AS (
    SELECT count(*) AS total FROM new_leads n
    WHERE EXISTS (SELECT FROM "Lead" o
                  WHERE o.phone IN (n.digits, '+' || n.digits) AND o."companyId" = n.company
                    AND o.id < n.id)
), twin_conversations AS (
    SELECT count(*) AS total FROM "Conversation" c
    WHERE c.id >= :Conversation.launch_id AND c.id >= :Conversation.since_id
      AND c."createdAt" >= :launch AND c."createdAt" >= :since AND c.status = 'ACTIVE'
      AND EXISTS (SELECT FROM "Conversation" o
                  WHERE o."leadId" = c."leadId" AND o.status = 'ACTIVE' AND o.id < c.id)
), joints AS (
    SELECT j.*
    FROM received r, counted c, twin_leads l, twin_conversations t, LATERAL (VALUES
        (1, 'Chatwoot → webhooks', r.messages, 0::bigint, r.deliveries - r.messages, 0::bigint),
        (2, 'webhooks → leads', r.messages, c.leadless, l.total, c.leadless_young),
        (3, 'leads → conversations', r.messages - c.leadless - c.leadless_young,
         c.untalked, t.total, c.untalked_young),
        (4, 'conversations → messages',
         r.messages - c.leadless - c.leadless_young - c.untalked - c.untalked_young,
         c.unstored, 0, c.unstored_young)
    ) j (place, label, went_in, leak, duplicate, flying)
)
SELECT 0 AS place, NULL AS label, leaked AS value,
       CASE WHEN fresh > 10 THEN 'critical' END AS level,
       r.messages || ' in, ' || leaked || ' leaked'
       || CASE WHEN fresh > 0 THEN ', ' || fresh || ' of them within 10m' ELSE '' END
       || CASE WHEN :since::timestamp > :launch::timestamp
               THEN ', of the last ' || :window::float8 / 3600 || 'h' ELSE '' END AS note
FROM counted, received r
UNION ALL
SELECT place, label, leak, NULL,
       'in ' || went_in || ' · out ' || went_in - leak - flying || ' · leak ' || leak
       || ' · dup ' || greatest(duplicate, 0) || ' · in flight ' || flying
FROM joints
ORDER BY place
