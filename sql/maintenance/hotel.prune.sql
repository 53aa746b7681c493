-- What:    delete from guest_tokens, up to 5,000 rows of each a run:
--          links that ended more than 30 days ago.
-- Why:     a batch holds its locks for a fraction of a second; one statement for everything would
--          hold them until it is done. Run it every minute, from cron
--            * * * * * mariadb YOUR_DATABASE < hotel.prune.sql
--          or let the server do it: hotel.event.sql.
-- Loses:   nothing that still opened a door.
-- Locks:   up to 5,000 rows and their index entries; gives up after 5 s.
-- Time:    an index on the time leads to the rows: about a tenth of a second for a batch.
-- Account: the pruning's, of sql/grants.sql.in.
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SET SESSION lock_wait_timeout = 5;
SET SESSION innodb_lock_wait_timeout = 5;

DELETE FROM guest_tokens
WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL 30 DAY
ORDER BY expires_at LIMIT 5000;
