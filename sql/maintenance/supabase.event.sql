-- What:    let the server's scheduler run what supabase.prune.sql does, every minute. Deletes from
--          user_sessions and refresh_tokens.
-- Why:     where there is no cron. The event runs as the account that makes it: the pruning's, which
--          for this needs the privilege EVENT on the database, too. It runs while event_scheduler is ON;
--          on a replica it does not (SLAVESIDE_DISABLED), which is right.
-- Loses:   the record of who was signed in then.
-- Locks:   as supabase.prune.sql, but with the server's own innodb_lock_wait_timeout.
-- Undo:    DROP EVENT castgate_prune_refresh_tokens; DROP EVENT castgate_prune_user_sessions
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

CREATE EVENT IF NOT EXISTS castgate_prune_refresh_tokens
ON SCHEDULE EVERY 1 MINUTE DO
DELETE FROM refresh_tokens
WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL 30 DAY
ORDER BY expires_at LIMIT 5000;

CREATE EVENT IF NOT EXISTS castgate_prune_user_sessions
ON SCHEDULE EVERY 1 MINUTE DO
DELETE FROM user_sessions
WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL 30 DAY AND revoked_at IS NULL
ORDER BY revoked_at, expires_at LIMIT 5000;
