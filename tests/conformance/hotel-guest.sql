-- Hotels, bookings and links of guests for the tests about system 2. Loaded after the migrations of sql/hotel.
-- Times are UTC.

INSERT INTO hotels (id, slug, name) VALUES
	(1, 'grand-hotel', 'Grand Hotel'), (2, 'seaside', 'Seaside'),
	-- a slug that contains what stands between slug and booking in a channel's name
	(3, 'seaside-guest-chat-booking-x', 'Odd');
INSERT INTO room_bookings (id, hotel_id, booking_id, room_number, status) VALUES
	(1, 1, 'BK-2025-ABC123', '204', 'checked_in'), (2, 1, 'BK-2025-DEF456', NULL, 'confirmed'),
	(3, 2, 'BK-2025-ABC123', '7', 'confirmed'), (4, 1, 'BK-2025-GONE', '9', 'cancelled'),
	(5, 1, 'BK:1', '10', 'confirmed'), (6, 1, '', '11', 'confirmed'),
	(9, 99, 'BK-2025-LOST', '14', 'confirmed'), (7, 3, 'y', '12', 'confirmed'), (8, 2, 'x-guest-chat-booking-y', '13', 'confirmed');
INSERT INTO guest_tokens (booking_id, token_hash, expires_at, revoked_at) VALUES
	(1, SHA2('valid_guest_token', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(2, SHA2('roomless', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(3, SHA2('sea', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(4, SHA2('cancelled', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(1, SHA2('expired', 256), UTC_TIMESTAMP(3) - INTERVAL 1 SECOND, NULL),
	(1, SHA2('revoked', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, UTC_TIMESTAMP(3)),
	(1, SHA2('a+b /=&c', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(5, SHA2('colon', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(6, SHA2('nameless', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(7, SHA2('odd', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(8, SHA2('odd-sea', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(9, SHA2('hotelless', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	(99, SHA2('no-booking', 256), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL),
	-- a hash that equals the right one for a database that ignores case
	(1, UPPER(SHA2('upper', 256)), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, NULL);
