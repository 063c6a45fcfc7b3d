-- Conversations in which machines seem to talk, by five signs; the window holds two halves, and
-- the newer one counts. Who talks with whom is the company and the digits of the phone, so that
-- two routes of one number meet. What was sent is known from the events, what came from the rows.
--   flood: more than twelve worded messages in one direction
--   ping-pong: seven changes of direction within 3 s, those after ours among them
--   repeat: one text three times in one direction; a short one ("ok") six times
--   echo: our own text comes back within 2 min; a short one twice within 3 s
--   twin: one text stored by two routes within 30 s
WITH stored AS (
    SELECT c."companyId" AS company, regexp_replace(l.phone, '\D', '', 'g') AS digits,
           c.id AS conversation, CASE m.direction WHEN 'INBOUND' THEN 'in' ELSE 'out' END AS way,
           btrim(coalesce(m.body, ''), E' \t\r\n') AS body, m."createdAt" AS at,
           split_part(m."wabaMessageId", '_', 1) AS route, m.id
    FROM "Message" m
    JOIN "Conversation" c ON c.id = m."conversationId"
    JOIN "Lead" l ON l.id = c."leadId"
    WHERE m.id >= :Message.since_id AND m."createdAt" >= :since
), sent AS (
    SELECT DISTINCT ON (e."companyId", e.payload->>'id')
           e."companyId" AS company,
           regexp_replace(coalesce(e.payload #>> '{conversation,meta,sender,phone_number}', ''), '\D', '', 'g') AS digits,
           NULL AS conversation, 'out' AS way, btrim(coalesce(e.payload->>'content', ''), E' \t\r\n') AS body,
           e."createdAt" AS at, 'event' AS route, e.id
    FROM "WebhookEvent" e
    WHERE e.id >= :WebhookEvent.since_id AND e."createdAt" >= :since
      AND e.source = 'CHATWOOT' AND e."eventType" = 'message_created'
      AND e.payload->>'message_type' IN ('outgoing', 'template')
      AND coalesce(e.payload->>'private', 'false') <> 'true'
    ORDER BY e."companyId", e.payload->>'id', e.id
), said AS MATERIALIZED (
    SELECT *, at >= :now::timestamp - :window::float8 * interval '0.5 s' AS is_new,
           length(body) >= 12 AS is_long
    FROM (SELECT * FROM stored UNION ALL SELECT * FROM sent) every
    WHERE digits <> ''
), turns AS (
    SELECT company, digits, is_new, way,
           lag(way) OVER talk <> way AND at - lag(at) OVER talk < interval '3 s' AS is_quick
    FROM said WHERE way = 'in' OR route = 'event'
    WINDOW talk AS (PARTITION BY company, digits, is_new ORDER BY at, id)
), signs AS (
    SELECT company, digits, is_new, 'flood' AS sign
    FROM said WHERE body <> ''
    GROUP BY company, digits, is_new, way, route = 'event' HAVING count(*) > 12
    UNION
    SELECT company, digits, is_new, 'ping-pong'
    FROM turns GROUP BY 1, 2, 3
    HAVING count(*) FILTER (WHERE is_quick) > 6 AND count(*) FILTER (WHERE is_quick AND way = 'in') >= 3
    UNION
    SELECT company, digits, is_new, 'repeat'
    FROM said WHERE body <> ''
    GROUP BY company, digits, is_new, way, route = 'event', md5(body), is_long
    HAVING count(*) >= CASE WHEN is_long THEN 3 ELSE 6 END
    UNION
    SELECT i.company, i.digits, i.is_new, 'echo'
    FROM said i
    WHERE i.way = 'in' AND i.body <> '' AND EXISTS (
        SELECT FROM said o
        WHERE o.way = 'out' AND o.company = i.company AND o.digits = i.digits
          AND md5(o.body) = md5(i.body) AND i.at >= o.at
          AND i.at - o.at < CASE WHEN i.is_long THEN interval '120 s' ELSE interval '3 s' END)
    GROUP BY 1, 2, 3 HAVING bool_or(i.is_long) OR count(*) >= 2
    UNION
    SELECT i.company, i.digits, i.is_new, 'twin'
    FROM said i JOIN said o
      ON o.way = 'in' AND o.company = i.company AND o.digits = i.digits AND md5(o.body) = md5(i.body)
     AND o.route > i.route AND abs(extract(epoch FROM o.at - i.at)) < 30
    WHERE i.way = 'in' AND i.body <> ''
), talks AS (
    SELECT company, digits, string_agg(DISTINCT sign, ' and ') FILTER (WHERE is_new) AS signs,
           bool_or(is_new) AS is_new, bool_or(NOT is_new) AS is_old
    FROM signs GROUP BY 1, 2
), volumes AS (
    SELECT company, digits, max(conversation) AS conversation, count(*) AS messages
    FROM said WHERE is_new AND (way = 'in' OR route = 'event') GROUP BY 1, 2
), found AS (
    SELECT t.company, t.signs, t.is_old, coalesce(v.messages, 0) AS messages,
           v.conversation,
           coalesce('conversation ' || v.conversation, 'phone …' || right(t.digits, 2)) AS talk
    FROM talks t LEFT JOIN volumes v USING (company, digits)
    WHERE t.is_new
)
SELECT label, key, value, level, note
FROM (
    SELECT 0 AS place, NULL AS label, NULL AS key, count(*)::numeric AS value,
           CASE WHEN bool_or(is_old) THEN 'critical' END AS level,
           coalesce((SELECT signs || ' in ' || talk || ', ' || messages || ' messages'
                            || CASE WHEN is_old THEN ', going on' ELSE '' END
                     FROM found ORDER BY is_old DESC, messages DESC, talk LIMIT 1),
                    (SELECT count(*) || ' conversations, busiest ' || coalesce(max(messages), 0)
                            || ' messages' FROM volumes)) AS note
    FROM found
    UNION ALL
    SELECT 1, coalesce(c.name || ' ', '') || f.talk, f.conversation, f.messages, NULL,
           f.signs || CASE WHEN f.is_old THEN ', going on' ELSE '' END
    FROM found f LEFT JOIN "Company" c ON c.id = f.company
) answer
ORDER BY place, value DESC, label LIMIT 50
