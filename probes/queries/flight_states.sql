-- How many sessions there are in each state, on the whole server: slots are shared by all of it.
-- Ages are differences between two times of the server, so its own clock is the right one here.
SELECT coalesce(state, CASE WHEN pg_has_role(current_user, 'pg_monitor', 'member')
                            THEN 'starting' ELSE 'hidden: grant pg_monitor' END) AS state,
       coalesce(wait_event_type, '') AS waits_for,
       count(*) AS sessions,
       extract(epoch FROM max(clock_timestamp() - state_change))::float8 AS longest
FROM pg_stat_activity
WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datname IS NOT NULL
  AND pid <> pg_backend_pid()
GROUP BY 1, 2
ORDER BY 3 DESC
LIMIT 40
