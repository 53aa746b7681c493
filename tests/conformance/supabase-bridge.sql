-- System 4 in the conformance tests: who is signed in, and with which refresh token.
--
-- The cookies and refresh tokens in supabase-bridge.cases follow from id, salt, generation and the
-- secret of supabase-bridge.conf; here are their hashes. Times far ahead keep the rows as they are,
-- however often the cases are replayed: refreshed in 2037 means that the grace interval lasts.

INSERT INTO user_sessions (id, user_id, user_agent, ip_address, created_at, last_seen_at, revoked_at,
	revoke_reason, provider, provider_session_id, cookie_hash, refresh_generation, refresh_salt,
	refreshed_at, expires_at)
VALUES
	('a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', 'alice', 'Firefox on a laptop', '192.0.2.1', '2020-01-02 03:04:05.678', '2037-01-01', NULL, NULL,
		'https://project.example/auth/v1', 'alice-a1', UNHEX('c3df53e0f7296bed0541dbbe8f91597632cd857b2e8ac5eb7515f358667c7c20'),
		2, 'salt-of-alice-a1', '2037-01-01', '2037-02-03'),
	('a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2', 'alice', NULL, NULL, '2020-01-02 03:04:05.678', '2036-12-31', NULL, NULL,
		'https://project.example/auth/v1', 'alice-a2', UNHEX('eb292890400416d678465ee5abe2a5c33734c174e797c0afc624676a46b4d75b'),
		1, 'salt-of-alice-a2', '2037-01-01', '2037-02-03'),
	('b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1', 'bob', 'A phone', '2001:db8::1', '2020-01-02 03:04:05.678', '2037-01-01', NULL, NULL,
		'https://project.example/auth/v1', 'bob-b1', UNHEX('5e81c49476a5321e5979943b06da5e7b4075c83eb7caa21106b45f6584441013'),
		1, 'salt-of-bob-b1-0', '2037-01-01', '2037-02-03'),
	('c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1', 'carol', NULL, NULL, '2020-01-02 03:04:05.678', '2037-01-01', '2021-01-01', 'logout',
		'https://project.example/auth/v1', 'carol-c1', UNHEX('0471f33d7618f13f407af927486ed4d5845dd6afce2ae1e730a0a8a31d3be213'),
		1, 'salt-of-carol-c1', '2037-01-01', '2037-02-03'),
	('d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1', 'dave', NULL, NULL, '2020-01-02 03:04:05.678', '2001-01-01', NULL, NULL,
		'https://project.example/auth/v1', 'dave-d1', UNHEX('46f06e32db1339a62aed8b74eedcd5e67ace4c0f78507e44d62de84a593cf83e'),
		1, 'salt-of-dave-d1-', '2037-01-01', '2001-02-03'),
	('d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2', 'dora', NULL, NULL, '2020-01-02 03:04:05.678', '2001-01-01', NULL, NULL,
		'https://project.example/auth/v1', 'dora-d2', UNHEX('3aa41a110f1606e59c5ea60310be94219b8a0b82e9d8df23e615371cd3087f93'),
		1, 'salt-of-dora-d2-', '2037-01-01', '2037-02-03'),
	('e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1', 'erin', NULL, NULL, '2020-01-02 03:04:05.678', '2037-01-01', NULL, NULL,
		'https://project.example/auth/v1', 'erin-e1', UNHEX('ae314c740b7088272edf97e5765e49eb8ea4ce3c7d216793e91c7a447cd110da'),
		1, 'salt-of-erin-e1-', '2037-01-01', '2037-02-03'),
	('f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1', 'fred', NULL, NULL, '2020-01-02 03:04:05.678', '2037-01-01', NULL, NULL,
		'https://project.example/auth/v1', 'fred-f1', UNHEX('5e056f95c122ed91f1bfcbf2adef9c1d0059e575c3c98f70b2955ea3609741ba'),
		3, 'salt-of-fred-f1-', '2037-01-01', '2037-02-03');

INSERT INTO refresh_tokens (session_id, generation, token_hash, rotated_at, expires_at)
VALUES
	('a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', 1, UNHEX('5813e98f24a1cae3e9ee635b08530bc3482975ef877b8f78fbd25af68b26adc0'), '2037-01-01', '2037-02-03'),
	('a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', 2, UNHEX('de356b2833b553775b28e2d1edd61d3fc9bb54bed86736ac968da4d706eb77b3'), NULL, '2037-02-03'),
	('a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2', 1, UNHEX('4a8fd51dc9e59b3683f4a96b5a1eaad9e2d5df5cb167fa25e064dab7687f18ce'), NULL, '2037-02-03'),
	('b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1', 1, UNHEX('6781bbe9fa66b1afffc4d9737cde6ac7c0f14a559f6a191c9bee37eacdd4adc4'), NULL, '2037-02-03'),
	('c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1', 1, UNHEX('111eade5563c05e7ce4118f4a225a3741cb8da012d42094a95caefea88460075'), NULL, '2037-02-03'),
	('d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1', 1, UNHEX('b757a95b0920d69c22c5bb27d50fb37c657a207edbc23d6aeaaf2b7a573cc4ad'), NULL, '2001-02-03'),
	('d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2', 1, UNHEX('637936826f06bc8131f80ee4cb0cc8ab785dc53674328792f4c4c6ca5553edc2'), NULL, '2037-02-03'),
	('e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1', 1, UNHEX('8d2e0fdc1b612e1c9b991ba6cbc382744ab477c2d4db9a1bfac39f7f55db3d19'), NULL, '2037-02-03'),
	('f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1', 1, UNHEX('a23ba7be9b9d8fd7b5f48fb19886d1dc0d732c60ddcfa98120d2221cc2558686'), '2037-01-01', '2037-02-03'),
	('f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1', 2, UNHEX('aa69d2fdd3f02bf3c7272f9239a2d3903cafeea74cfb80b1ced85abf22c4e711'), '2037-01-01', '2037-02-03'),
	('f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1', 3, UNHEX('2786ae704968b53e31f087baad1c2f504d9274f8fe8c1d49e3b2a1627cfa0d42'), NULL, '2037-02-03');
