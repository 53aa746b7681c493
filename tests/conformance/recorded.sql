-- One row with what the recorded channel "uni" sends: Unicode, quotes, slashes, numbers, null, empty
-- list and empty object. Loaded after laravel.sql.
CREATE TABLE recorded_info (
	name VARCHAR(255) NOT NULL,
	url VARCHAR(255) NOT NULL,
	f DOUBLE NOT NULL,
	g DOUBLE NOT NULL,
	n VARCHAR(16) NOT NULL,
	e VARCHAR(16) NOT NULL,
	o VARCHAR(16) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
INSERT INTO recorded_info VALUES (
	CONCAT('Zoë/<é> 😀 "q" \\ & ''', _utf8mb4 0xE280A8, ' ', _utf8mb4 0x7F, ' \t'),
	'https://x/y', 1.5, 1, 'null', '[]', '{}');
