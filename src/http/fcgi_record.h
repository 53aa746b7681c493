/* Is what a web server sent one whole, well-formed FastCGI request? */
#ifndef CASTGATE_HTTP_FCGI_RECORD_H
#define CASTGATE_HTTP_FCGI_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Limits: real servers send 20 to 60 parameters of some 2 KiB in all; one header line is at most
 * 8 KiB in Apache and nginx, 16 KiB in lighttpd. */
#define FCGI_MAX_PARAMETERS 256
#define FCGI_MAX_NAME 256
#define FCGI_MAX_VALUE 16384
#define FCGI_MAX_PARAMETER_BYTES 65536
#define FCGI_MAX_RECORDS 1024
#define FCGI_MAX_DRAINED 8388608 /* body bytes read and dropped before a 413 */

/* A request being gathered from records. `wire` holds only records that passed the screen, so
 * that libfcgi, which reads them later, meets nothing else. */
struct fcgi_request {
	struct text_buffer {
		char *data;
		size_t length;
		size_t capacity;
	} wire, parameters;
	unsigned id;
	unsigned records;
	bool begun;
	bool parameters_ended;
	bool keep_connection;
	size_t body_bytes; /* received, whether kept or not */
};

enum fcgi_progress {
	FCGI_REFUSED, /* malformed, over a limit, or aborted: drop the connection */
	FCGI_MORE,    /* give the next record */
	FCGI_WHOLE    /* one request is complete in `wire` */
};

/* Could a record with this header be part of a request? */
bool fcgi_header_sane(const unsigned char header[8]);

/* Take one record: its 8-byte header and its content with padding as announced there. Bodies
 * beyond `max_body` bytes are counted but not kept. */
enum fcgi_progress fcgi_request_take(struct fcgi_request *request, const unsigned char header[8],
    const char *content, size_t max_body);

/* The content and padding lengths announced by a record's header. */
size_t fcgi_content_length(const unsigned char header[8]);
size_t fcgi_padding_length(const unsigned char header[8]);

/* Wipe and forget what was gathered, keeping the memory for the next request. */
void fcgi_request_reset(struct fcgi_request *request);
void fcgi_request_free(struct fcgi_request *request);

/* True when `parameters` is a sequence of well-formed name-value pairs within the limits: no NUL,
 * no '=' in a name, no name twice with different values among those that decide. */
bool fcgi_parameters_valid(struct text parameters);

#endif
