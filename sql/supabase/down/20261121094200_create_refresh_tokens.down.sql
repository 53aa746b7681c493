-- What:    undo 20261121094200_create_refresh_tokens.up.sql by dropping the table. Undo
--          20261121094300_create_own_sessions first: its procedures read it.
-- Why:     only where that file created it. Where the application created it, leave it alone.
-- Loses:   every refresh token; sessions live on until their access tokens and cookies end.
-- Locks:   an exclusive metadata lock on the table; gives up after 5 s behind a transaction.
-- Time:    well under a second per million rows.
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13.

SET SESSION lock_wait_timeout = 5;

DROP TABLE IF EXISTS refresh_tokens;
