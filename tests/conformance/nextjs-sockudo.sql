-- Users, their sign-ins and the sessions they listen to, for the tests about system 0. Loaded after the
-- migrations of sql/better-auth and sql/nextjs. Times are UTC. Alice works on her own, Oscar and Olga have
-- the organization "org-1" active.

INSERT INTO `user` (id, name, email, emailVerified) VALUES
	('aliceId', 'Alice', 'alice@app.example', 1), ('bobId', 'Bob', 'bob@app.example', 1),
	('oscarId', 'Oscar', 'oscar@app.example', 1), ('olgaId', 'Olga', 'olga@app.example', 1);
INSERT INTO session (id, token, userId, activeOrganizationId, expiresAt) VALUES
	('s1', 'alice-token', 'aliceId', NULL, UTC_TIMESTAMP(3) + INTERVAL 7 DAY),
	('s2', 'bob-token', 'bobId', NULL, UTC_TIMESTAMP(3) + INTERVAL 7 DAY),
	('s3', 'oscar-token', 'oscarId', 'org-1', UTC_TIMESTAMP(3) + INTERVAL 7 DAY),
	('s4', 'olga-token', 'olgaId', 'org-1', UTC_TIMESTAMP(3) + INTERVAL 7 DAY),
	('s5', 'expired-token', 'aliceId', NULL, UTC_TIMESTAMP(3) - INTERVAL 1 SECOND),
	('s6', 'orphan-token', 'nobodyId', NULL, UTC_TIMESTAMP(3) + INTERVAL 7 DAY);
INSERT INTO channel_sessions (session_id, tenant_id, user_id) VALUES
	('11111111-2222-4333-8444-000000000001', 'aliceId', 'aliceId'),
	('11111111-2222-4333-8444-000000000002', 'bobId', 'bobId'),
	('11111111-2222-4333-8444-000000000003', 'org-1', 'oscarId'),
	('11111111-2222-4333-8444-000000000004', 'org-1', 'olgaId'),
	-- of Oscar, before he joined the organization
	('11111111-2222-4333-8444-000000000005', 'oscarId', 'oscarId'),
	-- of somebody whose id differs from Alice's in the case of its letters
	('11111111-2222-4333-8444-000000000006', 'aliceId', 'ALICEid'),
	('11111111-2222-4333-8444-000000000007', 'ALICEID', 'aliceId');
