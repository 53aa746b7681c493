-- migrate:up
--
-- What:    room_bookings, the second of the three tables behind the guests' chat.
-- Why:     the credential's statement reads here what a guest may know of the booking, and whether it
--          was cancelled.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/hotel/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121092200_create_room_bookings.down.sql (deletes every booking).
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13 (a default that is an expression).
--
-- booking_id is the number printed on the booking, such as BK-2025-ABC123; it ends the channel's
-- name. room_number is NULL until a room is chosen. There is no foreign key to hotels, which would
-- cost the site its online schema changes (gh-ost); the statement joins both, so a booking without
-- a hotel proves nothing.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS room_bookings (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	hotel_id BIGINT UNSIGNED NOT NULL,
	booking_id VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
	room_number VARCHAR(32) NULL DEFAULT NULL,
	status VARCHAR(32) NOT NULL DEFAULT 'confirmed',
	created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
	PRIMARY KEY (id),
	UNIQUE KEY room_bookings_hotel_id_booking_id_unique (hotel_id, booking_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
