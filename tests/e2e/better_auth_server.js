"use strict";
// What does the real better-auth say of a session? A server of it on loopback, as an application would
// run one, with e-mail and password, the bearer plugin and organizations.
//
//	node better_auth_server.js FILE
//
// FILE is JSON: port, secret, cookiePrefix, secureCookies, and database with socketPath, user, password
// and name. better-auth's own migration makes the tables that are not there yet.

const fs = require("node:fs");
const http = require("node:http");
const { betterAuth } = require("better-auth");
const { getMigrations } = require("better-auth/db/migration");
const { toNodeHandler } = require("better-auth/node");
const { bearer, organization } = require("better-auth/plugins");
const mysql = require("mysql2/promise");

async function main() {
	const settings = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
	const { name, ...account } = settings.database;
	const origin = `http://127.0.0.1:${settings.port}`;
	const auth = betterAuth({
		// better-auth's manual asks for this zone, so that times do not depend on the machine's.
		database: mysql.createPool({ ...account, database: name, timezone: "Z" }),
		secret: settings.secret,
		baseURL: origin,
		trustedOrigins: [origin],
		emailAndPassword: { enabled: true },
		plugins: [bearer(), organization()],
		advanced: { cookiePrefix: settings.cookiePrefix, useSecureCookies: settings.secureCookies },
		rateLimit: { enabled: false },
		telemetry: { enabled: false },
	});
	await (await getMigrations(auth.options)).runMigrations();
	http.createServer(toNodeHandler(auth)).listen(settings.port, "127.0.0.1");
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
