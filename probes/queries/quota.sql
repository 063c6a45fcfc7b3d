-- Per number: the counter as far as it counts today against the log of today and the limit. Around
-- midnight counter and log begin anew one after the other, so nothing is said then.
WITH numbers AS (
    SELECT n.number, n."dailyLimit" AS daily, n."lastResetAt" AS reset,
           CASE WHEN n."lastResetAt" >= :today THEN n."messagesSentToday" ELSE 0 END AS counted,
           coalesce((SELECT q."sentCount" FROM "QuotaLog" q
                     WHERE q."whatsappNumberId" = n.id AND q.date >= :today
                     ORDER BY q.date DESC LIMIT 1), 0) AS logged
    FROM "WhatsAppNumber" n WHERE n."isActive"
), clock AS (
    SELECT :now::timestamp - :today::timestamp NOT BETWEEN interval '2 min' AND interval '23:58' AS is_midnight
), answer AS (
    SELECT 'number …' || right(number, 2) AS label, abs(counted - logged) AS value,
           CASE WHEN counted > daily THEN 'critical' END AS level,
           counted || ' of ' || daily || ' sent, ' || logged || ' logged'
           || CASE WHEN counted > daily THEN ', over the limit'
                   WHEN counted < logged THEN ', counter set back or not written'
                   WHEN counted > logged THEN ', log not written' ELSE '' END AS note,
           counted > daily AS is_over
    FROM numbers, clock WHERE NOT is_midnight
)
(SELECT label, value, level, note FROM answer ORDER BY is_over DESC, value DESC, label LIMIT 20)
UNION ALL
SELECT 'midnight', NULL, NULL, 'suspended around midnight' FROM clock WHERE is_midnight
