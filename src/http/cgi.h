/* How is one request served as a plain CGI program? */
#ifndef CASTGATE_HTTP_CGI_H
#define CASTGATE_HTTP_CGI_H

#include "http/exchange.h"

/* Read the request from `environment` and `input_fd`, answer it to `output_fd` (RFC 3875). Reads
 * the input to its end and finishes all work before the last byte of output, because web servers
 * end the program after that byte. Waits at most `deadline_milliseconds` for the body. Returns
 * main's exit status: 0 when the reply was written. */
int cgi_serve(const struct responder *responder, const char *const *environment, int input_fd,
    int output_fd, int deadline_milliseconds);

#endif
