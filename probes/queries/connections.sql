-- Sessions in per cent of the slots an ordinary role can have. pg_stat_database is open to every
-- role; the states in the note need pg_monitor, and are left out where it is missing.
WITH slots AS (
    SELECT current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0) AS total
), used AS (
    SELECT sum(numbackends)::int AS total FROM pg_stat_database
), states AS (
    SELECT count(*) FILTER (WHERE state = 'active') AS active,
           count(*) FILTER (WHERE state LIKE 'idle in transaction%'
                              AND now() - state_change > interval '30 seconds') AS stuck,
           count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
)
SELECT 100.0 * used.total / slots.total AS value,
       used.total || ' of ' || slots.total
       || CASE WHEN pg_has_role(current_user, 'pg_monitor', 'member')
               THEN ', ' || active || ' active'
                    || CASE WHEN waiting > 0 THEN ', ' || waiting || ' waiting for a lock' ELSE '' END
                    || CASE WHEN stuck > 0 THEN ', ' || stuck || ' idle in transaction' ELSE '' END
               ELSE ', states hidden: grant pg_monitor' END AS note
FROM slots, used, states
