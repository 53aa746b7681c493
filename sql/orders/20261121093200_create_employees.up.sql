-- migrate:up
--
-- What:    employees of the worked example recipes/custom-orders.conf.
-- Why:     the credential "employee" reads here the branch and the name that colleagues see.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/orders/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121093200_create_employees.down.sql (deletes every employee).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.
--
-- branch is branches.slug. Customer 7 and employee 7 are two people: their tokens differ in
-- tokenable_type, and each endpoint accepts one kind.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS employees (
	employee_no BIGINT UNSIGNED NOT NULL,
	branch VARCHAR(64) NOT NULL,
	display_name VARCHAR(255) NOT NULL,
	left_on DATE NULL DEFAULT NULL,
	PRIMARY KEY (employee_no)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
