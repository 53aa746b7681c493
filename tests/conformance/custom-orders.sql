-- The worked example's shop: loaded after the migrations of sql/orders. The application writes its times in
-- Berlin's local time, which is one or two hours ahead of UTC.

INSERT INTO customers (id, email, blocked_at) VALUES
	(7, 'kim@shop.example', NULL), (8, 'lee@shop.example', NULL), (9, 'max@shop.example', '2026-01-01 00:00:00');
INSERT INTO employees (employee_no, branch, display_name, left_on) VALUES
	(7, 'north-1', 'Ada Löwe', NULL), (8, 'south', 'Bo', NULL), (9, 'north-1', 'Cy', '2026-01-01');
INSERT INTO branches (slug, opened_on, closed_on, opening_hours) VALUES
	('north-1', '2020-03-01', NULL, '{"mon": ["9:00", "18:00"], "note": "a/b"}'), ('south', '2020-03-01', '2024-12-31', NULL);
INSERT INTO orders (id, customer_id, branch, deleted_at) VALUES
	(17, 7, 'north-1', NULL), (18, 8, 'north-1', NULL), (19, 7, 'south', '2026-01-01 00:00:00');
INSERT INTO api_tokens (id, tokenable_type, tokenable_id, name, token, expires_at, created_at) VALUES
	(1, 'customer', 7, 't', SHA2('kim-plain', 256), NULL, UTC_TIMESTAMP()),
	(2, 'customer', 9, 't', SHA2('max-plain', 256), NULL, UTC_TIMESTAMP()),
	(3, 'employee', 7, 't', SHA2('ada-plain', 256), NULL, UTC_TIMESTAMP() + INTERVAL 1 HOUR),
	(4, 'employee', 8, 't', SHA2('bo-plain', 256), NULL, UTC_TIMESTAMP() + INTERVAL 1 HOUR),
	(5, 'employee', 9, 't', SHA2('cy-plain', 256), NULL, UTC_TIMESTAMP() + INTERVAL 1 HOUR),
	-- in the future for a reader of UTC, over by half an hour at least in Berlin
	(6, 'customer', 7, 't', SHA2('over-plain', 256), UTC_TIMESTAMP() + INTERVAL 30 MINUTE, UTC_TIMESTAMP()),
	(7, 'customer', 7, 't', SHA2('soon-plain', 256), UTC_TIMESTAMP() + INTERVAL 150 MINUTE, UTC_TIMESTAMP()),
	-- of yesterday's shift
	(8, 'employee', 7, 't', SHA2('tired-plain', 256), NULL, UTC_TIMESTAMP() - INTERVAL 1 DAY);
