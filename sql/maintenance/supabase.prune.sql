-- What:    delete from user_sessions and refresh_tokens, up to 5,000 rows of each a run:
--          refresh tokens and sessions that ended more than 30 days ago, as `castgate session prune`
--          does. Rows of sessions that were revoked stay: they keep their sign-ins from coming back.
--          See supabase.forget.sql for how long that has to be.
-- Why:     a batch holds its locks for a fraction of a second; one statement for everything would
--          hold them until it is done. Run it every minute, from cron
--            * * * * * mariadb YOUR_DATABASE < supabase.prune.sql
--          or let the server do it: supabase.event.sql.
-- Loses:   the record of who was signed in then.
-- Locks:   up to 5,000 rows and their index entries; gives up after 5 s.
-- Time:    an index on the time leads to the rows: about a tenth of a second for a batch.
-- Account: the pruning's, of sql/grants.sql.in.
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SET SESSION lock_wait_timeout = 5;
SET SESSION innodb_lock_wait_timeout = 5;

DELETE FROM refresh_tokens
WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL 30 DAY
ORDER BY expires_at LIMIT 5000;

DELETE FROM user_sessions
WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL 30 DAY AND revoked_at IS NULL
ORDER BY revoked_at, expires_at LIMIT 5000;
