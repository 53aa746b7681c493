/* The least that a CGI program linked to castgate's libraries can do: be started, answer, end. */
#include "platform.h"

#include <string.h>
#include <unistd.h>

int main(void)
{
	static const char reply[] = "Status: 200 OK\r\n"
	                            "Content-Type: application/json\r\n"
	                            "Content-Length: 2\r\n"
	                            "\r\n"
	                            "{}";
	char body[4096];

	while (read(STDIN_FILENO, body, sizeof(body)) > 0)
		;
	return write(STDOUT_FILENO, reply, sizeof(reply) - 1) == (ssize_t)sizeof(reply) - 1 ? 0 : 1;
}
