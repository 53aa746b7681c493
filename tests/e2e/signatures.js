"use strict";
// Did the one who signed know the app's secret, and sign just this? Computed anew by the official library
// for servers, and compared in constant time.

const crypto = require("node:crypto");
const Pusher = require("pusher");

class Signatures {
	// signsPrivateData: channel_data of a private channel is part of what is signed, as with Reverb and
	// Pusher, or is not, as with soketi and Sockudo.
	constructor({ key, secret, signsPrivateData }) {
		this._key = key;
		this._token = new Pusher.Token(key, secret);
		this._signsPrivateData = signsPrivateData;
		// The library wants a master key before it signs for an encrypted channel; a server has none.
		const encryptionMasterKeyBase64 = crypto.randomBytes(32).toString("base64");
		this._pusher = new Pusher({ appId: "-", key, secret, encryptionMasterKeyBase64 });
	}

	ofChannel(auth, socketId, channel, data) {
		// Throws for a name that the library would not sign, too.
		const ticket = this._pusher.authorizeChannel(socketId, channel);
		const isDataSigned = channel.startsWith("presence-") || this._signsPrivateData;
		if (data === undefined || !isDataSigned) {
			return isSame(auth, ticket.auth);
		}
		return this._isOf(auth, `${socketId}:${channel}:${data}`);
	}

	ofUser(auth, socketId, data) {
		return this._isOf(auth, `${socketId}::user::${data}`);
	}

	// A request of the library's trigger(): the query without its signature, sorted, signs the rest.
	ofRequest(method, url, body) {
		const query = Object.fromEntries(url.searchParams);
		const { auth_signature: signature, ...signed } = query;
		const digest = crypto.createHash("md5").update(body).digest("hex");
		const pairs = Object.keys(signed).sort().map((name) => `${name}=${signed[name]}`);
		const text = [method, url.pathname, pairs.join("&")].join("\n");
		return signed.auth_key === this._key && signed.body_md5 === digest &&
			isSame(signature, this._token.sign(text));
	}

	// The library writes data anew, and may not write it as it came. What was signed are the bytes that
	// came: these go to its token as they are.
	_isOf(auth, text) {
		return isSame(auth, `${this._key}:${this._token.sign(text)}`);
	}
}

function isSame(given, wanted) {
	const [a, b] = [Buffer.from(String(given)), Buffer.from(wanted)];
	return a.length === b.length && crypto.timingSafeEqual(a, b);
}

module.exports = { Signatures };
