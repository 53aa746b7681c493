"use strict";
// Sends one event as an application's server does, with the official library, which encrypts it for an
// encrypted channel.
//
//	node trigger.js FILE CHANNEL EVENT JSON
//
// FILE is pusher_server.js's, with encryptionMasterKeyBase64.

const fs = require("node:fs");
const Pusher = require("pusher");

const [file, channel, event, data] = process.argv.slice(2);
const { key, secret, port, encryptionMasterKeyBase64 } = JSON.parse(fs.readFileSync(file, "utf8"));
const pusher = new Pusher({
	appId: "any", key, secret, encryptionMasterKeyBase64, host: "127.0.0.1", port, useTLS: false,
});

const user = /^#server-to-user-(.*)$/.exec(channel)?.[1];
const sent = user === undefined
	? pusher.trigger(channel, event, JSON.parse(data))
	: pusher.sendToUser(user, event, JSON.parse(data));
sent.catch((problem) => {
	console.error(problem);
	process.exitCode = 1;
});
