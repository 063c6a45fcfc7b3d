-- Per number: the counter that counts today against the log of today.
WITH numbers AS (
    SELECT n.id, n.number, n."dailyLimit" AS daily,
           CASE WHEN n."lastResetAt" >= :today THEN n."messagesSentToday" ELSE 0 END AS counted,
           coalesce((SELECT q."sentCount" FROM "QuotaLog" q
                     WHERE q."whatsappNumberId" = n.id AND q.date >= :today
                     ORDER BY q.date DESC LIMIT 1), 0) AS logged
    FROM "WhatsAppNumber" n WHERE n."isActive"
)
SELECT 'number …' || right(number, 2) AS label,
       greatest(abs(counted - logged), counted - daily) AS value,
       counted || ' of ' || daily || ' sent, ' || logged || ' logged' AS note
FROM numbers
ORDER BY 2 DESC, 1 LIMIT 20
