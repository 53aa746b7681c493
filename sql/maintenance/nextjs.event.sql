-- What:    let the server's scheduler run what nextjs.prune.sql does, every minute. Deletes from
--          channel_sessions.
-- Why:     where there is no cron. The event runs as the account that makes it: the pruning's, which
--          for this needs the privilege EVENT on the database, too. It runs while event_scheduler is ON;
--          on a replica it does not (SLAVESIDE_DISABLED), which is right.
-- Loses:   whoever listened to such a session may no longer.
-- Locks:   as nextjs.prune.sql, but with the server's own innodb_lock_wait_timeout.
-- Undo:    DROP EVENT castgate_prune_channel_sessions
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

CREATE EVENT IF NOT EXISTS castgate_prune_channel_sessions
ON SCHEDULE EVERY 1 MINUTE DO
DELETE FROM channel_sessions
WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL 90 DAY
ORDER BY created_at LIMIT 5000;
