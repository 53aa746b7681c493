-- What:    undo 20261121093300_create_api_tokens.up.sql by dropping the table.
-- Why:     only where that file created it. Where the application created it, leave it alone.
-- Loses:   every token: everybody has to sign in again.
-- Locks:   an exclusive metadata lock on the table; gives up after 5 s behind a transaction.
-- Time:    well under a second per million rows.
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SET SESSION lock_wait_timeout = 5;

DROP TABLE IF EXISTS api_tokens;
