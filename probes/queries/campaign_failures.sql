-- Recipients of campaigns that failed in the window, for good: nothing tries again. By company,
-- with its commonest error; anything like a phone in it is cut.
WITH attempts AS (
    SELECT "campaignId", "lastError" AS error, true AS is_failed
    FROM "CampaignRecipient" WHERE status = 'failed' AND "updatedAt" >= :since
    UNION ALL
    SELECT "campaignId", NULL, false
    FROM "CampaignRecipient" WHERE status = 'sent' AND "sentAt" >= :since
), companies AS (
    SELECT c.name AS label, c.id AS key, count(*) AS tried, count(*) FILTER (WHERE is_failed) AS failed,
           mode() WITHIN GROUP (ORDER BY error) AS error
    FROM attempts a JOIN "Campaign" p ON p.id = a."campaignId" JOIN "Company" c ON c.id = p."companyId"
    GROUP BY c.id, c.name
), judged AS (
    SELECT label, key, failed, tried,
           CASE WHEN failed >= 5 AND 5 * failed > tried THEN 'critical'
                WHEN failed >= 2 AND 20 * failed > tried THEN 'warning'
                WHEN failed > 0 THEN 'off target' END AS level,
           failed || ' of ' || tried || ' failed'
           || coalesce(': ' || left(regexp_replace(error, '\+?\d{8,}', '…', 'g'), 90), '') AS note
    FROM companies
)
SELECT label, key, value, level, note
FROM (
    SELECT 0 AS place, NULL AS label, NULL AS key, coalesce(sum(failed), 0) AS value, NULL AS level,
           coalesce((SELECT label || ' ' || note FROM judged WHERE failed > 0 ORDER BY failed DESC, label LIMIT 1),
                    coalesce(sum(tried), 0) || ' sent') AS note
    FROM judged
    UNION ALL
    SELECT 1, label, key, failed, level, note FROM judged
) answer
ORDER BY place, value DESC, label LIMIT 50
