-- Conversations in which a customer wrote after something was sent to them since the launch, by an
-- agent or a campaign. Only the events know both directions. Of the last day at most.
WITH said AS MATERIALIZED (
    SELECT "companyId" AS company, payload #>> '{conversation,id}' AS conversation,
           payload->>'message_type' AS kind, "createdAt" AS at
    FROM "WebhookEvent"
    WHERE id >= :WebhookEvent.launch_id AND id >= :WebhookEvent.since_id
      AND "createdAt" >= :launch AND "createdAt" >= :since
      AND source = 'CHATWOOT' AND "eventType" = 'message_created'
      AND payload->>'private' IS DISTINCT FROM 'true'
), sent AS (
    SELECT company, conversation, min(at) AS at
    FROM said WHERE kind IN ('outgoing', 'template') GROUP BY 1, 2
), replies AS MATERIALIZED (
    SELECT s.company, min(w.at) AS at
    FROM sent s JOIN said w USING (company, conversation)
    WHERE w.kind = 'incoming' AND w.at > s.at
    GROUP BY s.company, s.conversation
), earliest AS (
    SELECT extract(epoch FROM r.at - :launch::timestamp) / 60 AS minutes, c.name
    FROM replies r JOIN "Company" c ON c.id = r.company ORDER BY r.at LIMIT 1
)
SELECT (SELECT count(*) FROM replies) AS value,
       coalesce((SELECT 'first ' || CASE WHEN minutes < 60 THEN ceil(minutes) || ' min'
                                         ELSE round(minutes / 60, 1) || ' h' END
                        || ' after launch, company ' || name FROM earliest), 'none yet') AS note
