/* What does each action of an endpoint need? */
#ifndef CASTGATE_CONFIG_ACTION_H
#define CASTGATE_CONFIG_ACTION_H

#include <stdbool.h>

struct action_row {
	const char *name;
	bool signs;          /* needs an app */
	bool asks;           /* needs credentials */
	bool has_channels;   /* has channel rules */
	bool has_user_data;  /* has a user_data statement */
	bool has_sessions;   /* needs a credential of kind session, on this or another endpoint */
	bool has_clients;    /* answers listed addresses only */
	const char *dialect; /* unless another one is written; NULL: the directive's own default */
};

/* NULL for other words, and for NULL. */
const struct action_row *action_named(const char *name);

#endif
