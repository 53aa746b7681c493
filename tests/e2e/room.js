"use strict";
// Who listens to one channel, and who is present in it? Members are counted once for each user, however
// many windows they have open; a cache channel keeps its last event for those who come later.

class Room {
	constructor(name) {
		this.name = name;
		this.isPresence = name.startsWith("presence-");
		this.isCache = /^(private-|private-encrypted-|presence-)?cache-/.test(name);
		this.takesClientEvents =
			this.isPresence || (name.startsWith("private-") && !name.startsWith("private-encrypted-"));
		// connection -> member {user_id, user_info}, or null outside of presence channels
		this._listeners = new Map();
		this._lastEvent = null;
	}

	get isEmpty() {
		return this._listeners.size === 0;
	}

	has(connection) {
		return this._listeners.has(connection);
	}

	userOf(connection) {
		return this._listeners.get(connection)?.user_id;
	}

	join(connection, member) {
		const isNew = member && !this._isPresent(member.user_id);
		this._listeners.set(connection, member);
		connection.send("pusher_internal:subscription_succeeded", this.name, this._greeting());
		if (this.isCache) {
			if (this._lastEvent) {
				connection.send(this._lastEvent.name, this.name, this._lastEvent.data);
			} else {
				connection.send("pusher:cache_miss", this.name);
			}
		}
		if (isNew) {
			this.tell("pusher_internal:member_added", JSON.stringify(member), connection);
		}
	}

	leave(connection) {
		const member = this._listeners.get(connection);
		this._listeners.delete(connection);
		if (member && !this._isPresent(member.user_id)) {
			this.tell("pusher_internal:member_removed", JSON.stringify({ user_id: member.user_id }));
		}
	}

	// An event of the application's server: kept by a cache channel.
	publish(name, data, except) {
		this._lastEvent = { name, data };
		this.tell(name, data, except);
	}

	tell(name, data, except, more) {
		for (const connection of this._listeners.keys()) {
			if (connection !== except) {
				connection.send(name, this.name, data, more);
			}
		}
	}

	_isPresent(userId) {
		return [...this._listeners.values()].some((member) => member?.user_id === userId);
	}

	_greeting() {
		if (!this.isPresence) {
			return "{}";
		}
		const hash = {};
		for (const member of this._listeners.values()) {
			hash[member.user_id] = member.user_info ?? null;
		}
		const ids = Object.keys(hash);
		return JSON.stringify({ presence: { count: ids.length, ids, hash } });
	}
}

module.exports = { Room };
