"use strict";
// Whom does an application's Socket.IO server let in? Whoever has castgate's access token.
//
//	node socket_server.js FILE
//
// FILE is JSON: port, and either what the server verifies tokens with by itself (issuer, audience,
// and the address "jwks" of castgate's key set or castgate's own "secret"), or "castgate", the
// address of its session action, which is then asked at the handshake, at each event, and every
// "pollMilliseconds" for each socket.

const fs = require("node:fs");
const jose = require("jose");
const { Server } = require("socket.io");

// In milliseconds: what the tests wait for, and nobody here gives up before.
const PATIENCE = 120000;

const settings = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

function verifier() {
	const demands = {
		issuer: settings.issuer, audience: settings.audience, requiredClaims: ["exp", "sub", "sid"],
		algorithms: [settings.jwks ? "ES256" : "HS256"],
	};
	const keys = settings.jwks ? jose.createRemoteJWKSet(new URL(settings.jwks),
		{ timeoutDuration: PATIENCE })
		: new TextEncoder().encode(settings.secret);
	return async (token) => (await jose.jwtVerify(token, keys, demands)).payload.sub;
}

async function introspect(token) {
	const reply = await fetch(settings.castgate, { headers: { authorization: `Bearer ${token}` } });
	if (reply.status === 200)
		return (await reply.json()).user.id;
	throw Object.assign(new Error(), { code: `STATUS_${reply.status}` });
}

const user = settings.castgate ? introspect : verifier();
const io = new Server(settings.port, {
	transports: ["websocket"], connectTimeout: PATIENCE, pingTimeout: PATIENCE,
});

io.use(async (socket, next) => {
	try {
		socket.data.user = await user(String(socket.handshake.auth.token));
		next();
	} catch (error) {
		next(new Error(error.code ?? error.name));
	}
});

// An outage is no logout: only castgate's 401 ends a connection.
async function recheck(socket) {
	try {
		await user(String(socket.handshake.auth.token));
	} catch (error) {
		if (error.code === "STATUS_401")
			socket.disconnect(true);
	}
	return socket.connected;
}

io.on("connection", (socket) => {
	socket.on("who", async (answer) => {
		if (!settings.castgate || await recheck(socket))
			answer(socket.data.user);
	});
	if (settings.castgate) {
		const timer = setInterval(() => recheck(socket), settings.pollMilliseconds);
		socket.on("disconnect", () => clearInterval(timer));
	}
});
