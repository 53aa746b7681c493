-- migrate:up
--
-- What:    orders of the worked example recipes/custom-orders.conf.
-- Why:     the channel of an order asks it whose the order is.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/orders/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121093500_create_orders.down.sql (deletes every order).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS orders (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	customer_id BIGINT UNSIGNED NOT NULL,
	branch VARCHAR(64) NOT NULL,
	created_at TIMESTAMP NULL DEFAULT NULL,
	deleted_at TIMESTAMP NULL DEFAULT NULL,
	PRIMARY KEY (id),
	KEY orders_customer_id_index (customer_id),
	KEY orders_branch_created_at_index (branch, created_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
