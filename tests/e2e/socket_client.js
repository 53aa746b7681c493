"use strict";
// What does a Socket.IO client with an access token get to hear?
//
//	node socket_client.js ADDRESS
//
// The token is the first line of standard input; each further line is an event to send. Standard
// output has one JSON list a line: ["connected"], ["refused", CODE], ["answer", VALUE],
// ["disconnected", REASON].

// In milliseconds: what the test waits for, and nobody here gives up before.
const PATIENCE = 120000;

const readline = require("node:readline");
const { io } = require("socket.io-client");

const say = (...words) => process.stdout.write(`${JSON.stringify(words)}\n`);
let socket;

readline.createInterface({ input: process.stdin }).on("line", (line) => {
	if (socket) {
		socket.emit(line, (value) => say("answer", value));
		return;
	}
	socket = io(process.argv[2], {
		transports: ["websocket"], reconnection: false, timeout: PATIENCE, auth: { token: line },
	});
	socket.on("connect", () => say("connected"));
	socket.on("connect_error", (error) => say("refused", error.message));
	socket.on("disconnect", (reason) => say("disconnected", reason));
}).on("close", () => process.exit(0));
