"use strict";
// What does a WebSocket server make of castgate's tickets? A small one that speaks version 7 of Pusher's
// protocol, for the tests in a browser and for the demo's page. It listens on loopback.
//
//	node pusher_server.js FILE
//
// FILE is JSON: key, secret, port, and signsPrivateData (see signatures.js). POST /apps/ID/events takes
// what trigger() of the library for servers sends.

const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const { WebSocketServer } = require("ws");
const { Room } = require("./room.js");
const { Signatures } = require("./signatures.js");

const UNKNOWN_APP = 4001;
const UNAUTHORIZED = 4009;
const CLIENT_EVENT_REFUSED = 4301;
const MAX_BYTES = 64 * 1024;

// What the protocol tells a client of its own mistakes.
class Refused extends Error {
	constructor(code, message) {
		super(message);
		this.code = code;
	}
}

class Connection {
	constructor(socket) {
		this._socket = socket;
		this.id = `${crypto.randomInt(1e9)}.${crypto.randomInt(1e9)}`;
		this.userId = null;
	}

	send(event, channel, data, more) {
		this._socket.send(JSON.stringify({ event, channel, data, ...more }));
	}
}

class Server {
	constructor(settings) {
		this._key = settings.key;
		this._signatures = new Signatures(settings);
		this._rooms = new Map();
		this._handlers = {
			"pusher:ping": (connection) => connection.send("pusher:pong", undefined, "{}"),
			"pusher:subscribe": (connection, message) => this._subscribe(connection, message.data),
			"pusher:unsubscribe": (connection, message) => this._leave(connection, message.data.channel),
			"pusher:signin": (connection, message) => this._signIn(connection, message.data),
		};
	}

	accept(socket, request) {
		const connection = new Connection(socket);
		if (new URL(request.url, "ws://any").pathname !== `/app/${this._key}`) {
			connection.send("pusher:error", undefined,
				JSON.stringify({ code: UNKNOWN_APP, message: "There is no app with this key" }));
			socket.close(UNKNOWN_APP);
			return;
		}
		socket.on("message", (bytes) => this._take(connection, bytes));
		socket.on("close", () => [...this._rooms.keys()].forEach((name) => this._leave(connection, name)));
		connection.send("pusher:connection_established", undefined,
			JSON.stringify({ socket_id: connection.id, activity_timeout: 30 }));
	}

	// An event that the application's server sends; false when it is not signed by the app.
	publish(method, url, body) {
		if (!this._signatures.ofRequest(method, url, body)) {
			return false;
		}
		const { name, data, channels } = JSON.parse(body);
		channels.forEach((channel) => this._room(channel).publish(name, data));
		return true;
	}

	_take(connection, bytes) {
		try {
			const message = JSON.parse(bytes);
			if (message.event.startsWith("client-")) {
				this._passOn(connection, message);
			} else {
				this._handlers[message.event](connection, message);
			}
		} catch (problem) {
			connection.send("pusher:error", undefined,
				JSON.stringify({ code: problem.code ?? null, message: problem.message }));
		}
	}

	_subscribe(connection, { channel, auth, channel_data: data }) {
		const room = this._room(channel);
		if (channel.startsWith("#server-to-user-")) {
			if (channel !== `#server-to-user-${connection.userId}`) {
				throw new Refused(UNAUTHORIZED, "Another user's channel");
			}
		} else if (/^(private|presence)-/.test(channel) &&
			!this._signatures.ofChannel(auth, connection.id, channel, data)) {
			throw new Refused(UNAUTHORIZED, `The signature for ${channel} is not the app's`);
		}
		room.join(connection, room.isPresence ? JSON.parse(data) : null);
	}

	_leave(connection, name) {
		const room = this._rooms.get(name);
		if (room?.has(connection)) {
			room.leave(connection);
		}
	}

	_signIn(connection, { auth, user_data: data }) {
		if (!this._signatures.ofUser(auth, connection.id, data)) {
			throw new Refused(UNAUTHORIZED, "The signature for the user is not the app's");
		}
		connection.userId = JSON.parse(data).id;
		connection.send("pusher:signin_success", undefined, JSON.stringify({ user_data: data }));
	}

	_passOn(connection, { event, channel, data }) {
		const room = this._rooms.get(channel);
		if (!room?.has(connection) || !room.takesClientEvents) {
			throw new Refused(CLIENT_EVENT_REFUSED, `${event} is not for ${channel}`);
		}
		const user = room.userOf(connection);
		room.tell(event, data, connection, user === undefined ? {} : { user_id: user });
	}

	_room(name) {
		if (!this._rooms.has(name)) {
			this._rooms.set(name, new Room(name));
		}
		return this._rooms.get(name);
	}
}

function answer(server, request, response) {
	const pieces = [];
	request.on("data", (piece) => pieces.push(piece));
	request.on("end", () => {
		const url = new URL(request.url, "http://any");
		const isEvent = request.method === "POST" && /^\/apps\/\w+\/events$/.test(url.pathname);
		const status = !isEvent ? 404 :
			server.publish(request.method, url, Buffer.concat(pieces)) ? 200 : 401;
		response.writeHead(status, { "Content-Type": "application/json" }).end("{}");
	});
}

const settings = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const server = new Server(settings);
const listener = http.createServer((request, response) => answer(server, request, response));
new WebSocketServer({ server: listener, maxPayload: MAX_BYTES })
	.on("connection", (socket, request) => server.accept(socket, request));
listener.listen(settings.port, "127.0.0.1");
