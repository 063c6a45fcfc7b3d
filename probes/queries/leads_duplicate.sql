-- Leads of the window that share company and digits of the phone with another lead; the newest
-- group first. A race makes both within a second, an import has another source.
WITH recent AS (
    SELECT id, "companyId" AS company, regexp_replace(phone, '\D', '', 'g') AS digits, phone,
           source, "createdAt" AS at
    FROM "Lead" WHERE id >= :Lead.since_id AND "createdAt" >= :since
), alike AS (
    SELECT company, digits, id, phone, source, at FROM recent
    UNION
    SELECT r.company, r.digits, o.id, o.phone, o.source, o."createdAt"
    FROM recent r
    JOIN "Lead" o ON o.phone IN (r.digits, '+' || r.digits) AND o."companyId" = r.company
), spaced AS (
    SELECT *, at - lag(at) OVER (PARTITION BY company, digits ORDER BY at) < interval '1 s' AS is_race
    FROM alike WHERE digits <> ''
), doubled AS (
    SELECT company, digits, count(*) AS copies, max(at) AS newest,
           CASE WHEN bool_or(is_race) THEN 'race'
                WHEN bool_or(coalesce(source, '') NOT IN ('API/Webhook', 'WhatsApp')) THEN 'import'
                WHEN count(DISTINCT phone) > 1 THEN 'two formats'
                ELSE 'one after the other' END AS kind
    FROM spaced GROUP BY 1, 2 HAVING count(*) > 1
), counted AS (
    SELECT count(*) AS groups, coalesce(sum(copies) - count(*), 0) AS extra,
           count(*) FILTER (WHERE kind = 'race') AS races,
           count(*) FILTER (WHERE kind = 'import') AS imports,
           (SELECT count(*) FROM recent) AS leads,
           (array_agg('…' || right(digits, 2) || ' (' || kind || ')' ORDER BY newest DESC))[1] AS example
    FROM doubled
)
SELECT label, value, sample, level, note
FROM (
    SELECT 0 AS place, NULL::timestamp AS newest, NULL AS label, groups AS value, leads AS sample,
           CASE WHEN leads >= 50 AND 100.0 * groups / leads > 2 THEN 'critical' END AS level,
           CASE WHEN groups = 0 THEN 'of ' || leads || ' new leads'
                ELSE extra || ' rows too many, ' || races || ' by race, ' || imports
                     || ' by import, newest ' || example END AS note
    FROM counted
    UNION ALL
    SELECT 1, d.newest, coalesce(c.name, 'company') || ' …' || right(d.digits, 2), d.copies, NULL, NULL,
           d.copies || ' leads, ' || d.kind
    FROM doubled d LEFT JOIN "Company" c ON c.id = d.company
) answer
ORDER BY place, newest DESC LIMIT 50
