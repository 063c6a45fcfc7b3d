-- Leads written since the launch, by primary key: what a restore would lose. Counting stops at 50 000.
SELECT count(*) AS value,
       CASE WHEN count(*) = 50000 THEN 'or more: counting stops there' END AS note
FROM (SELECT FROM "Lead" WHERE id >= :Lead.launch_id AND "createdAt" >= :launch LIMIT 50000) written
