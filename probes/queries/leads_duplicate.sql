-- Leads of the window that share company and digits of the phone with another lead.
WITH recent AS (
    SELECT id, "companyId" AS company, regexp_replace(phone, '\D', '', 'g') AS digits
    FROM "Lead" WHERE id >= :Lead.since_id AND "createdAt" >= :since
), alike AS (
    SELECT company, digits, id FROM recent
    UNION
    SELECT r.company, r.digits, other.id
    FROM recent r
    JOIN "Lead" other ON other.phone IN (r.digits, '+' || r.digits)
                     AND other."companyId" = r.company
), doubled AS (
    SELECT count(*) AS copies FROM alike
    WHERE digits <> ''
    GROUP BY company, digits HAVING count(*) > 1
)
SELECT (SELECT count(*) FROM doubled) AS value,
       (SELECT count(*) FROM recent) AS sample,
       CASE WHEN (SELECT count(*) FROM doubled) > 0
            THEN (SELECT sum(copies) - count(*) FROM doubled) || ' rows too many' ELSE '' END AS note
