-- What:    delete from user_sessions, up to 5,000 rows a run: sessions that were revoked more than 400
--          days ago and ended more than 30 days ago, as `castgate session prune
--          --forget-revoked-days 400` does.
-- Why:     supabase.prune.sql keeps every row that was revoked, for as long as the provider of sign-ins
--          may still vouch for one of them. Run this, and only this, where the provider ends every
--          sign-in by itself within those 400 days (Supabase: Authentication, Sessions, Time-box user
--          sessions), else somebody whose session was ended may come back. Change the days to yours.
-- Loses:   the record of who was signed out then; a sign-in that lives longer than that comes back.
-- Locks:   up to 5,000 rows and their index entries; gives up after 5 s.
-- Time:    idx_user_sessions_ended leads to the rows: about a tenth of a second for a batch.
-- Account: the pruning's, of sql/grants.sql.in.
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SET SESSION lock_wait_timeout = 5;
SET SESSION innodb_lock_wait_timeout = 5;

DELETE FROM user_sessions
WHERE revoked_at < UTC_TIMESTAMP(3) - INTERVAL 400 DAY
	AND expires_at < UTC_TIMESTAMP(3) - INTERVAL 30 DAY
ORDER BY revoked_at LIMIT 5000;
