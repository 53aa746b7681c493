-- What:    undo 20261121092300_create_guest_tokens.up.sql by dropping the table.
-- Why:     only where that file created it. Where the application created it, leave it alone.
-- Loses:   every link.
-- Locks:   an exclusive metadata lock on the table; gives up after 5 s behind a transaction.
-- Time:    well under a second per million rows.
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13 (a default that is an expression).

SET SESSION lock_wait_timeout = 5;

DROP TABLE IF EXISTS guest_tokens;
