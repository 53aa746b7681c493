/* The kernel's word for who connected, compared with a list that was read at start. */
#include "platform.h"
#include "http/peers.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

#define NAME_BYTES 64

const struct peers peers_any_local = {.any_local = true};

static bool find_user(struct text word, uid_t *user)
{
	char name[NAME_BYTES];
	const struct passwd *entry;
	uint64_t number;

	if (text_to_u64(word, TEXT_DIGITS_CANONICAL, &number)) {
		*user = (uid_t)number;
		return number < (uid_t)-1;
	}
	if (!word.length || word.length >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)word.length, word.data);
	entry = getpwnam(name);
	if (entry)
		*user = entry->pw_uid;
	return entry != NULL;
}

bool peers_parse(const char *list, struct peers *peers, const char **problem)
{
	struct text rest = text_of(list);

	*peers = (struct peers){0};
	*problem = NULL;
	if (!list)
		return true;
	peers->anybody = text_is(rest, "any");
	while (!peers->anybody && !*problem) {
		size_t comma = text_find(rest, ',');

		if (peers->count == PEERS_MAX)
			*problem = "there are more than 16 names";
		else if (!find_user((struct text){rest.data, comma}, &peers->users[peers->count++]))
			*problem = "one of the names is no user of this system";
		if (comma == rest.length)
			break;
		rest = text_skip(rest, comma + 1);
	}
	return !*problem;
}

bool peers_admit(const struct peers *peers, int fd, uid_t *user)
{
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t length = sizeof(peer);

	*user = (uid_t)-1;
	if (peers->anybody)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.uid == (uid_t)-1)
		return false;
	*user = peer.uid;
	if (peers->any_local || peer.uid == 0 || peer.uid == geteuid())
		return true;
	for (size_t i = 0; i < peers->count; i++)
		if (peers->users[i] == peer.uid)
			return true;
	return false;
}
