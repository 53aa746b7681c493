/* The null responder: 60 bytes, always the same. What is left is the web server's and libfcgi's cost.
 * Usage: null_responder SOCKET WORKERS */
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>

#include "workers.h"

static const char reply[] = "Status: 200 OK\r\n"
                            "Content-Type: application/json\r\n"
                            "Content-Length: 60\r\n"
                            "\r\n"
                            "{\"auth\":\"benchmark:0123456789abcdef0123456789abcdef01234567\"}";

static void *open_nothing(void)
{
	return NULL;
}

static void answer(void *context, FCGX_Request *request)
{
	(void)context;
	FCGX_PutStr(reply, (int)sizeof(reply) - 1, request->out);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: null_responder SOCKET WORKERS\n", stderr);
		return 2;
	}
	return workers_run(argv[1], (int)strtol(argv[2], NULL, 10), open_nothing, answer);
}
