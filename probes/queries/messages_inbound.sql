-- Messages from customers stored in the window; createdAt, because sentAt is the provider's time.
SELECT count(*) AS value,
       coalesce('last ' || round(extract(epoch FROM :now::timestamp - max("createdAt")))::int || 's ago', '') AS note
FROM "Message"
WHERE id >= :Message.since_id AND "createdAt" >= :since AND direction = 'INBOUND'
