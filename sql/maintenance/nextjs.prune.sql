-- What:    delete from channel_sessions, up to 5,000 rows of each a run:
--          rows of sessions made more than 90 days ago. They have no end of their own: whoever
--          still listens to one must have a younger row, so change the days if yours live longer.
-- Why:     a batch holds its locks for a fraction of a second; one statement for everything would
--          hold them until it is done. Run it every minute, from cron
--            * * * * * mariadb YOUR_DATABASE < nextjs.prune.sql
--          or let the server do it: nextjs.event.sql.
-- Loses:   whoever listened to such a session may no longer.
-- Locks:   up to 5,000 rows and their index entries; gives up after 5 s.
-- Time:    an index on the time leads to the rows: about a tenth of a second for a batch.
-- Account: the pruning's, of sql/grants.sql.in.
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SET SESSION lock_wait_timeout = 5;
SET SESSION innodb_lock_wait_timeout = 5;

DELETE FROM channel_sessions
WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL 90 DAY
ORDER BY created_at LIMIT 5000;
