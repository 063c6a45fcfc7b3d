-- Messages stored since the launch, by primary key: what a restore would lose. Counting stops at
-- 50 000.
SELECT count(*) AS value,
       count(*) FILTER (WHERE direction = 'INBOUND') || ' in, '
       || count(*) FILTER (WHERE direction = 'OUTBOUND') || ' out'
       || CASE WHEN count(*) = 50000 THEN ', or more: counting stops there' ELSE '' END AS note
FROM (SELECT direction FROM "Message"
      WHERE id >= :Message.launch_id AND "createdAt" >= :launch LIMIT 50000) written
