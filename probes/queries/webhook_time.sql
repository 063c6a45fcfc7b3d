-- From event stored to message stored, both by the application's clock: a lower bound.
SELECT coalesce(percentile_cont(0.95) WITHIN GROUP (
           ORDER BY 1000 * extract(epoch FROM m."createdAt" - e."createdAt")), 0) AS value,
       count(m.id) AS sample,
       'p95 from event to message' AS note
FROM "WebhookEvent" e
JOIN "Message" m ON m."wabaMessageId" = 'chatwoot_' || (e.payload->>'id')
                AND m."createdAt" >= e."createdAt"
WHERE e.id >= :WebhookEvent.since_id AND e."createdAt" >= :since
  AND e.source = 'CHATWOOT' AND e."eventType" = 'message_created'
  AND e.payload->>'message_type' = 'incoming'
