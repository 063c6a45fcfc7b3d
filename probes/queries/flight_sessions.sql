-- The sessions worth a look: who waits for a lock and for whom, and who has been at it longest.
-- Only of those that wait is it asked who blocks them: the answer takes the lock table for itself.
WITH chosen AS (
    SELECT * FROM pg_stat_activity
    WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datname IS NOT NULL
      AND pid <> pg_backend_pid()
    ORDER BY (wait_event_type = 'Lock') IS TRUE DESC, xact_start NULLS LAST, state_change NULLS LAST
    LIMIT 100
)
SELECT pid, coalesce(datname, '') AS database, coalesce(usename, '') AS role,
       coalesce(application_name, '') AS application,
       coalesce(state, 'hidden') AS state,
       concat_ws(':', wait_event_type, wait_event) AS waits_for,
       extract(epoch FROM clock_timestamp() - state_change)::float8 AS for_seconds,
       extract(epoch FROM clock_timestamp() - xact_start)::float8 AS transaction_seconds,
       CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) END AS blockers,
       left(query, 1000) AS query
FROM chosen
