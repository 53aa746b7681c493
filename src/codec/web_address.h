/* Which host, port and path does a web address name? */
#ifndef CASTGATE_CODEC_WEB_ADDRESS_H
#define CASTGATE_CODEC_WEB_ADDRESS_H

#include <stdbool.h>

#include "base/text.h"

#define WEB_HOST_BYTES 256

struct web_address {
	const char *scheme; /* "https", "http", "wss" or "ws" */
	bool tls;
	char host[WEB_HOST_BYTES]; /* without brackets */
	char port[6];
	bool numeric;          /* the host is an IP address */
	struct text authority; /* as a Host header has it */
	const char *path;      /* with the query; begins with '/' */
};

/* Read "SCHEME://HOST[:PORT][/PATH]". False for another scheme, a user, a fragment, a blank, a control or non-ASCII
 * byte, a double quote, a backslash, a port outside 1 to 65535. Points into `url`. */
bool web_address_read(const char *url, struct web_address *address);

#endif
