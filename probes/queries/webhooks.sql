-- Chatwoot events that arrived in the window, whatever their kind.
SELECT count(*) AS value,
       count(DISTINCT "companyId") || ' tenants'
       || coalesce(', last ' || round(extract(epoch FROM :now::timestamp - max("createdAt")))::int || 's ago', '') AS note
FROM "WebhookEvent"
WHERE id >= :WebhookEvent.since_id AND "createdAt" >= :since AND source = 'CHATWOOT'
