-- The last 24 hours by primary key, the checklist's question without its full scan. What came since
-- the launch is told as long as all of it is within them.
SELECT count(*) AS value,
       CASE WHEN :since::timestamp > :launch::timestamp THEN ''
            ELSE count(*) FILTER (WHERE "createdAt" >= :launch) || ' since launch' END AS note
FROM "Message" WHERE id >= :Message.since_id AND "createdAt" >= :since
