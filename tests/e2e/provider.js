"use strict";
// What does a sign-in provider publish and sign? Keys and tokens, made with jose.
//
//	node provider.js <REQUEST >ANSWER
//
// Both are JSON. REQUEST: keys, a list of {kid, alg}; secret; tokens, an object of
// {kid, alg, header, claims}, signed with the key of that kid, or with the secret when alg is HS256.
// ANSWER: keys, the public JWKs by kid, and tokens by the same names.

const fs = require("node:fs");
const jose = require("jose");

async function main() {
	const request = JSON.parse(fs.readFileSync(0, "utf8"));
	const answer = { keys: {}, tokens: {} };
	const pairs = {};
	for (const { kid, alg } of request.keys) {
		pairs[kid] = await jose.generateKeyPair(alg);
		answer.keys[kid] = { ...await jose.exportJWK(pairs[kid].publicKey), kid, alg, use: "sig" };
	}
	for (const [name, row] of Object.entries(request.tokens)) {
		const key = row.alg === "HS256" ? new TextEncoder().encode(request.secret)
			: pairs[row.kid].privateKey;
		answer.tokens[name] = await new jose.SignJWT(row.claims)
			.setProtectedHeader({ alg: row.alg, typ: "JWT", ...row.header }).sign(key);
	}
	process.stdout.write(JSON.stringify(answer));
}

main();
