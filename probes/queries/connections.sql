-- Sessions in per cent of the tightest limit: the slots an ordinary role can have, the limit of a
-- role, that of this database. Who is connected is open to every role; what sessions do and since
-- when needs pg_monitor, and is said to be hidden where that is missing. Ages are differences
-- between two times of the server, so its own clock is the right one here.
-- The rows name who blocks whom, who is stuck and who is slow. Who blocks is asked of the longest
-- waiting only, because the answer stops the lock manager for a moment; and nothing is told of a
-- statement from its first literal on, which may be a customer's.
WITH slots AS (
    SELECT current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0) AS total,
           pg_has_role(current_user, 'pg_monitor', 'member') AS is_monitor
), limits AS (
    SELECT (SELECT sum(numbackends) FROM pg_stat_database) AS used, total AS allowed, '' AS whose, 1 AS place
    FROM slots
    UNION ALL
    SELECT s.numbackends, d.datconnlimit, ' of database ' || d.datname, 2
    FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid
    WHERE d.datname = current_database() AND d.datconnlimit > 0
    UNION ALL
    SELECT count(*), r.rolconnlimit, ' of role ' || r.rolname, 3
    FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
    WHERE r.rolconnlimit > 0 AND NOT r.rolsuper AND r.rolname <> current_user
    GROUP BY r.rolname, r.rolconnlimit
), tightest AS (
    SELECT used, allowed, whose FROM limits ORDER BY used::numeric / allowed DESC, place LIMIT 1
), states AS (
    SELECT count(*) FILTER (WHERE state = 'active') AS active,
           count(*) FILTER (WHERE state = 'active' AND clock_timestamp() - query_start > interval '5 s') AS slow,
           count(*) FILTER (WHERE state LIKE 'idle in transaction%'
                              AND clock_timestamp() - state_change > interval '30 s') AS stuck,
           count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting,
           count(*) FILTER (WHERE clock_timestamp() - backend_start < interval '5 min') AS fresh,
           count(*) FILTER (WHERE clock_timestamp() - backend_start >= interval '5 min') AS old,
           extract(epoch FROM max(clock_timestamp() - xact_start)) AS oldest
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
), growth AS (
    -- Sessions that came to those of before; where all are new, something was started anew.
    SELECT 100.0 * fresh / total > 20 AND 4 * old >= fresh AS is_steep FROM states, slots
), waiters AS MATERIALIZED (
    SELECT pid, pg_blocking_pids(pid) AS blockers
    FROM (SELECT pid FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
          ORDER BY query_start LIMIT 10) longest
), blocked AS (
    SELECT blocker AS pid, count(DISTINCT w.pid) AS waiting,
           array_to_string((array_agg(DISTINCT w.pid))[1:3], ' ') AS pids
    FROM waiters w, unnest(w.blockers) AS blocker GROUP BY 1
), held AS (
    SELECT a.pid, coalesce(a.usename, a.backend_type) AS who, a.state, b.pids, b.waiting, w.blockers,
           extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.state_change)) AS age,
           regexp_replace(a.query, '(''|[$][A-Za-z_]*[$]|[0-9]{5,}).*$', '…') AS query
    FROM pg_stat_activity a LEFT JOIN blocked b USING (pid) LEFT JOIN waiters w USING (pid)
    WHERE a.pid <> pg_backend_pid()
      AND (b.pids IS NOT NULL OR w.blockers IS NOT NULL
           OR a.backend_type = 'client backend'
              AND (a.state LIKE 'idle in transaction%' AND clock_timestamp() - a.state_change > interval '30 s'
                   OR a.state = 'active' AND clock_timestamp() - a.query_start > interval '5 s'))
    ORDER BY coalesce(b.waiting, 0) DESC, w.blockers IS NULL DESC, age DESC LIMIT 10
)
SELECT label, value, unit, level, note
FROM (
    SELECT 0 AS place, NULL AS label, 100.0 * used / allowed AS value, NULL AS unit,
           CASE WHEN is_monitor AND is_steep THEN 'warning' END AS level,
           used || ' of ' || allowed || whose
           || CASE WHEN NOT is_monitor THEN ', states hidden: grant pg_monitor' ELSE
                  ', ' || active || ' active'
                  || CASE WHEN is_steep THEN ', growing: ' || fresh || ' new in 5m' ELSE '' END
                  || CASE WHEN waiting > 0 THEN ', ' || waiting || ' waiting for a lock' ELSE '' END
                  || CASE WHEN stuck > 0 THEN ', ' || stuck || ' idle in transaction' ELSE '' END
                  || CASE WHEN slow > 0 THEN ', ' || slow || ' active for over 5s' ELSE '' END
                  || CASE WHEN oldest > 30 THEN ', oldest transaction ' || round(oldest)::int || 's' ELSE '' END
                  || CASE WHEN fresh > 0 AND NOT is_steep THEN ', ' || fresh || ' new in 5m' ELSE '' END
              END AS note
    FROM tightest, slots, states, growth
    UNION ALL
    SELECT row_number() OVER (ORDER BY coalesce(waiting, 0) DESC, blockers IS NULL DESC, age DESC),
           'pid ' || pid || ' ' || who, round(age), 's', NULL,
           coalesce('blocks ' || pids
                    || CASE WHEN waiting = 10 THEN ' and at least 7 more'
                            WHEN waiting > 3 THEN ' and ' || waiting - 3 || ' more' ELSE '' END
                    || ', ', '')
           || coalesce('waits for ' || array_to_string(blockers, ' ') || ', ', '')
           || coalesce(state, 'state unknown') || ': ' || left(query, 70)
           || CASE WHEN length(query) > 70 THEN '…' ELSE '' END
    FROM held
) answer
ORDER BY place
