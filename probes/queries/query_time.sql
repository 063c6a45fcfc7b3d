-- Running totals of what the application's statements took; the probe takes differences.
SELECT sum(s.total_exec_time) AS total, sum(s.calls) AS calls,
       (SELECT stats_reset::text FROM pg_stat_statements_info) AS era
FROM pg_stat_statements s
JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database()
  AND s.userid <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
