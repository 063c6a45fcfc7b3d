-- The last 24 hours by primary key, the checklist's question without its full scan.
SELECT count(*) AS value,
       count(*) FILTER (WHERE "createdAt" >= :launch) || ' since launch' AS note
FROM "Lead" WHERE id >= :Lead.since_id AND "createdAt" >= :since
