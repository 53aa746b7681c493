"use strict";
// What does a page, or a worker, of an application see? The libraries' events as promises, for a test to
// wait for.

const KEY = "thisisaauthkey";

// Where the WebSocket server is, as an option of pusher-js.
function server(wsPort) {
	return {
		cluster: "", wsHost: "127.0.0.1", wsPort, forceTLS: false, enabledTransports: ["ws"],
	};
}

// A client of pusher-js; `more` are other options, `headers` go to castgate.
function client(wsPort, headers, more = {}) {
	return new Pusher(KEY, {
		...server(wsPort),
		channelAuthorization: { transport: "ajax", endpoint: "/broadcasting/auth", headers },
		userAuthentication: { transport: "ajax", endpoint: "/broadcasting/user-auth", headers },
		...more,
	});
}

// The first of these events on a channel, connection or user: its name, and what came with it.
function first(target, ...events) {
	return new Promise((resolve) => {
		for (const event of events) {
			const take = (data) => {
				events.forEach((other) => target.unbind(other, take));
				resolve({ event, data });
			};
			target.bind(event, take);
		}
	});
}

// How a subscription ends: "subscribed"; or the status that castgate refused with; or what the WebSocket
// server said of the signature.
async function outcome(pusher, channel) {
	const refusedByServer = first(pusher.connection, "error");
	const subscription = pusher.subscribe(channel);
	const ended = await Promise.race([
		first(subscription, "pusher:subscription_succeeded", "pusher:subscription_error"),
		refusedByServer,
	]);
	if (ended.event === "pusher:subscription_succeeded") {
		return "subscribed";
	}
	return ended.event === "error" ? ended.data.data.code : ended.data.status;
}

// The same, for a client that lives in a worker.
function inWorker(task) {
	return new Promise((resolve, reject) => {
		const worker = new Worker("worker.js");
		worker.onmessage = ({ data }) => resolve(data);
		worker.onerror = reject;
		worker.postMessage(task);
	});
}
