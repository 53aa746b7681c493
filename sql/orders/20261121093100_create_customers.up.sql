-- migrate:up
--
-- What:    customers of the worked example recipes/custom-orders.conf.
-- Why:     the credential "customer" asks it whether the owner of a token may still sign in.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/orders/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121093100_create_customers.down.sql (deletes every customer).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS customers (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	email VARCHAR(255) NOT NULL,
	blocked_at DATETIME(3) NULL DEFAULT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY customers_email_unique (email)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
