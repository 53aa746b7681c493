"use strict";
// What does the demo's page do? It is an application with pusher-js like any other, but shows what usually
// happens out of sight: the question to castgate, the answer, and what the WebSocket server makes of it.
// DEMO, from data.js, holds what this run of the demo has made up: keys, tokens, ports.

const CHANNELS = [
	{ name: "presence-chat.6.conversation.123", label: "Alice and Bob\u2019s chat" },
	{ name: "presence-chat.6.conversation.124", label: "Bob and Carol\u2019s chat" },
	{ name: "private-App.Models.User.1", label: "Alice\u2019s own notifications" },
	{ name: "presence-chat.7.conversation.123", label: "The first chat, as if of another company" },
	{ name: "presence-chat.6.conversation.999", label: "A chat that does not exist" },
	{ name: "private-payroll", label: "A channel no rule speaks of" },
	{
		name: "presence-chat.6.conversation.123", label: "The first chat, with a forged signature",
		forged: true,
	},
];

// The reasons a newcomer meets first, in words. castgate.fcgi(8) has them all.
const REASONS = {
	allowed: "A rule matches the channel, and a row of the database proves this person\u2019s place in it.",
	CONVERSATION_NOT_FOUND: "There is no such conversation.",
	OTHER_COMPANY: "The conversation belongs to another company.",
	NOT_A_PARTICIPANT: "The conversation exists, but this person takes no part in it.",
	no_rule: "No rule of the configuration matches the channel\u2019s name.",
	no_row: "The rule\u2019s SELECT returned no row.",
	credential_missing: "Nobody said who is asking: there was no token.",
	token_mismatch: "The token is not the one that was handed out.",
	too_many_failures: "This browser\u2019s address was refused very often; wait a minute.",
	channel_invalid: "That is no name for a channel.",
	forged: "castgate was not asked. Without the app\u2019s secret nobody can sign.",
	public: "A name without private- or presence- is public: pusher-js asks nobody.",
};

const find = (id) => document.getElementById(id);

// An element with properties and children; text stays text, whoever wrote it.
function make(tag, properties, ...children) {
	const element = Object.assign(document.createElement(tag), properties);
	element.append(...children);
	return element;
}

function face(name, id) {
	return make("span", { className: `face face-${id}`, ariaHidden: "true" }, name[0]);
}

// --- one question to castgate

// Or about several at once: castgate proves the credential once, and answers for each channel.
async function ask(token, socketId, ...channels) {
	const name = channels.length > 1 ? "channel_name[]" : "channel_name";
	const started = performance.now();
	const response = await fetch(DEMO.endpoint, {
		method: "POST",
		headers: token ? { Authorization: `Bearer ${token}` } : {},
		body: new URLSearchParams([
			["socket_id", socketId], ...channels.map((channel) => [name, channel])]),
	});
	const body = await response.text();
	return {
		status: response.status,
		milliseconds: performance.now() - started,
		requestId: response.headers.get("X-Request-Id"),
		body,
	};
}

function reasonOf(answer) {
	try {
		return answer.status === 200 ? "allowed" : JSON.parse(answer.body).code;
	} catch {
		return undefined;
	}
}

// --- what is shown of an answer

const explain = (reason) => REASONS[reason] ?? "The page is not told.";

function rowsOf({ requestId, milliseconds }) {
	return [
		["Request id", [make("code", {}, requestId), `, after ${milliseconds.toFixed(1)} ms`]],
		["In the log", [make("code", {}, `grep ${requestId} ${DEMO.log}`)]],
	];
}

function fillCard(status, head, rows) {
	const list = make("dl", {}, ...rows.flatMap(([name, value]) =>
		[make("dt", {}, name), make("dd", {}, ...value)]));
	find("decision").replaceChildren(head, list);
	find("decision").dataset.status = status;
}

function showDecision(decision) {
	const { status, reason, isIn, answer } = decision;
	const rows = [
		["Asked", [`${decision.person.name}, for `, make("code", {}, decision.channel)]],
		["Why", [explain(reason)]],
		["WebSocket server", [decision.server ?? "was not asked"]],
	];
	const head = make("div", { className: `verdict ${isIn ? "yes" : "no"}` },
		make("strong", {}, isIn ? "\u2713 Allowed" : "\u2717 Refused"),
		...(answer ? [`HTTP ${status}`, make("code", {}, reason ?? "")] : []));
	if (answer) {
		rows.push(...rowsOf(answer), ["Reply", [make("code", {}, answer.body)]]);
	}
	fillCard(status, head, rows);
}

// A batch is answered with 200 as soon as it is known who asks; each channel has a status of its own.
function showBatch(person, entries, answer) {
	const refused = entries.filter(({ isIn }) => !isIn).length;
	const head = make("div", { className: `verdict ${refused ? "no" : "yes"}` },
		make("strong", {}, `${entries.length - refused} allowed, ${refused} refused`),
		`HTTP ${answer.status}`);
	const rows = entries.map(({ channel, status, reason, isIn }) => [`${isIn ? "\u2713" : "\u2717"} ${status}`,
		[make("code", {}, channel), " ", make("code", { className: "why" }, reason ?? ""), " ", explain(reason)]]);
	fillCard(answer.status, head, [["Asked", [`${person.name}, for all in one request`]], ...rows,
		...rowsOf(answer)]);
}

function showInHistory(decision) {
	find("history").prepend(make("li", {},
		make("span", { className: `status ${decision.isIn ? "yes" : "no"}` }, decision.status),
		decision.person.name, make("code", {}, decision.channel),
		make("span", { className: "why" }, decision.reason ?? "")));
	while (find("history").children.length > 4) {
		find("history").lastChild.remove();
	}
}

// --- a chat one has got into

class Chat {
	constructor(subscription, person) {
		this._subscription = subscription;
		this._person = person;
		this._members = make("ul", { id: "members", ariaLabel: "Who is here" });
		this._messages = make("ol", { id: "messages", ariaLive: "polite" });
		const text = make("input", { id: "text", autocomplete: "off", placeholder: "Say something",
			ariaLabel: "Message" });
		const form = make("form", { id: "say" }, text, make("button", {}, "Send"));
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			if (text.value.trim() && subscription.trigger("client-message", { text: text.value })) {
				this._add(person.name, text.value, "mine");
				text.value = "";
			}
		});
		const others = DEMO.people.filter((one) => one.token && one.id && one.id !== person.id);
		const links = others.flatMap((one) => [" ", make("a", {
			target: "_blank", rel: "noopener",
			href: `?${new URLSearchParams({ as: one.name, channel: subscription.name })}`,
		}, one.name)]);
		find("chat").replaceChildren(
			make("div", { className: "bar" }, this._members,
				make("span", { className: "hint" }, "A second window as", ...links)),
			this._messages, form);
		find("chat").dataset.channel = subscription.name;
		this._listen();
		this._showMembers();
	}

	_listen() {
		const channel = this._subscription;
		channel.bind("client-message", ({ text }, { user_id: id } = {}) =>
			this._add(channel.members?.get(id)?.info.name ?? "Somebody", String(text), "theirs"));
		channel.bind("pusher:member_added", ({ info }) => this._note(`${info.name} came in`));
		channel.bind("pusher:member_removed", ({ info }) => this._note(`${info.name} has left`));
	}

	_note(text) {
		this._showMembers();
		this._messages.append(make("li", { className: "note" }, text));
	}

	_add(name, text, className) {
		const line = make("li", { className }, make("b", {}, name), text);
		this._messages.append(line);
		line.scrollIntoView({ block: "nearest" });
	}

	_showMembers() {
		this._members.replaceChildren();
		this._subscription.members?.each(({ id, info }) =>
			this._members.append(make("li", {}, face(info.name, id), info.name)));
	}

	static close() {
		find("chat").replaceChildren(make("p", { className: "hint" },
			"Get into a chat, then open a second window: both see each other, and what they write " +
			"arrives at once."));
		delete find("chat").dataset.channel;
	}
}

// --- one person's connection

class Visit {
	constructor(person) {
		this._person = person;
		// channel -> what was asked, and what came of it
		this._asked = new Map();
		this._pusher = new Pusher(DEMO.key, {
			cluster: "", wsHost: "127.0.0.1", wsPort: DEMO.wsPort, forceTLS: false,
			enabledTransports: ["ws"],
			channelAuthorization: { customHandler: (request, done) => this._authorize(request, done) },
		});
		this._pusher.connection.bind("state_change", ({ current }) => {
			find("connection").textContent = `WebSocket ${current}`;
			find("connection").className = current;
		});
		this._pusher.connection.bind("error", ({ data }) => this._fail(data?.code));
	}

	end() {
		this._isOver = true;
		this._pusher.connection.unbind();
		this._pusher.disconnect();
		Chat.close();
	}

	// Subscribe, and show all that comes of it; the badge is the channel's own.
	subscribe(channel, badge, isForged = false) {
		this._pusher.unsubscribe(channel);
		if (find("chat").dataset.channel === channel) {
			Chat.close();
		}
		const question = { person: this._person, channel, badge, isForged };
		this._asked.set(channel, question);
		latest = question;
		if (!/^(private|presence)-/.test(channel)) {
			conclude(question, { status: "\u2014", reason: "public", isIn: true });
		}
		const subscription = this._pusher.subscribe(channel);
		subscription.unbind("pusher:subscription_succeeded");
		subscription.bind("pusher:subscription_succeeded", () => {
			settle(question, `let ${this._person.name} in`, true);
			if (/^(private|presence)-chat\./.test(channel)) {
				new Chat(subscription, this._person);
			}
		});
	}

	// All at once, as the batch plugins of pusher-js do; nothing is subscribed to.
	async askForAll(channels) {
		const socketId = this._pusher.connection.socket_id ?? "1.1";
		const answer = await ask(this._person.token, socketId, ...channels.keys());
		if (this._isOver) {
			return;
		}
		const whole = answer.status === 200 ? JSON.parse(answer.body) : {};
		const entries = [...channels].map(([channel, badge]) => {
			const status = whole[channel]?.status ?? answer.status;
			const isIn = status === 200;
			const reason = isIn ? "allowed" : whole[channel]?.code ?? reasonOf(answer);
			mark(badge, isIn, reason);
			return { channel, status, reason, isIn };
		});
		latest = undefined;
		showBatch(this._person, entries, answer);
	}

	// What pusher-js calls instead of asking by itself, so that the page sees the whole answer.
	async _authorize({ socketId, channelName }, done) {
		const question = this._asked.get(channelName);
		if (question.isForged) {
			conclude(question, { status: "\u2014", reason: "forged", isIn: false });
			done(null, { auth: `${DEMO.key}:${"0".repeat(64)}`, channel_data: '{"user_id":"1"}' });
			return;
		}
		try {
			const answer = await ask(this._person.token, socketId, channelName);
			const isIn = answer.status === 200;
			if (this._isOver) {
				return;
			}
			conclude(question, { answer, status: answer.status, reason: reasonOf(answer), isIn });
			if (isIn) {
				done(null, JSON.parse(answer.body));
			} else {
				done(new Error(`HTTP ${answer.status}`), null);
			}
		} catch (problem) {
			done(problem, null);
		}
	}

	// The server does not say which channel its complaint is about.
	_fail(code) {
		for (const question of this._asked.values()) {
			if (question.isForged && code === 4009) {
				settle(question, "computed another signature, and refused (error 4009)", false);
			}
		}
	}
}

// Next to the channel: the decision, and why it was refused where the page is told.
function mark(badge, isIn, reason) {
	badge.className = `badge ${isIn ? "yes" : "no"}`;
	badge.textContent = isIn ? "allowed" : ["refused", reason].filter(Boolean).join(": ");
	badge.title = isIn ? "" : explain(reason);
}

// castgate has answered, or was not asked.
function conclude(question, outcome) {
	Object.assign(question, outcome);
	mark(question.badge, question.isIn, question.reason);
	showIfLatest(question);
	showInHistory(question);
}

// And so has the WebSocket server.
function settle(question, server, isIn) {
	Object.assign(question, { server, isIn });
	showIfLatest(question);
}

// Answers may overtake each other; the last question's is the one that somebody waits for.
let latest;

function showIfLatest(question) {
	if (question === latest) {
		showDecision(question);
	}
}

// --- the page

let visit;
const badges = [];
const faces = new Map();

function become(person) {
	visit?.end();
	faces.forEach((button, one) => { button.ariaPressed = String(one === person); });
	badges.forEach((badge) => { badge.className = badge.textContent = ""; });
	visit = new Visit(person);
}

Chat.close();
for (const person of DEMO.people) {
	const button = make("button", {}, face(person.id ? person.name : "?", person.id ?? 0), person.name);
	button.addEventListener("click", () => become(person));
	faces.set(person, button);
	find("people").append(button);
}
for (const { name, label, forged } of CHANNELS) {
	const badge = make("span", {});
	const button = make("button", {}, label, make("code", {}, name), badge);
	button.addEventListener("click", () => visit.subscribe(name, badge, forged));
	badges.push(badge);
	find("channels").append(button);
}
find("all").addEventListener("click", () => {
	const channels = CHANNELS.map(({ name, forged }, index) => [name, badges[index], forged]);
	visit.askForAll(new Map(channels.filter(([, , forged]) => !forged)));
});
find("other").addEventListener("submit", (event) => {
	event.preventDefault();
	const name = find("other-name").value.trim();
	if (name) {
		visit.subscribe(name, make("span", {}));
	}
});

// ?as=NAME&channel=NAME, from the links to a second window.
const wish = new URLSearchParams(location.search);
become(DEMO.people.find((one) => one.name === wish.get("as")) ?? DEMO.people[0]);
if (wish.has("channel")) {
	const index = CHANNELS.findIndex((entry) => entry.name === wish.get("channel"));
	visit.subscribe(wish.get("channel"), badges[index] ?? make("span", {}));
}
