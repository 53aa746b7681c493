-- What:    undo 20261121094100_create_user_sessions.up.sql by dropping the table. Undo
--          20261121094200_create_refresh_tokens first: its foreign key points here.
-- Why:     only where that file created it. Where the application created it, leave it alone.
-- Loses:   every session; everybody has to sign in again, and revoked sign-ins can come back.
-- Locks:   an exclusive metadata lock on the table; gives up after 5 s behind a transaction.
-- Time:    well under a second per million rows.
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13.

SET SESSION lock_wait_timeout = 5;

DROP TABLE IF EXISTS user_sessions;
