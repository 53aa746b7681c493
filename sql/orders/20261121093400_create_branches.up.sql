-- migrate:up
--
-- What:    branches of the worked example recipes/custom-orders.conf.
-- Why:     the channels of a branch ask it whether the branch exists and when it opened.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/orders/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121093400_create_branches.down.sql (deletes every branch).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.
--
-- opening_hours is a JSON document as text; castgate sends it to the members of a channel as JSON.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS branches (
	slug VARCHAR(64) NOT NULL,
	opened_on DATE NOT NULL,
	closed_on DATE NULL DEFAULT NULL,
	opening_hours TEXT NULL,
	PRIMARY KEY (slug)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
