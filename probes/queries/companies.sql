SELECT count(*) AS value FROM "Company"
