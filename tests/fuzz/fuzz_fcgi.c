/* http/: records from fcgi_script go through the screen; what it keeps is well-formed, and a whole
 * request reaches the responder through libfcgi exactly as it was sent, once, with its reply. */
#include "platform.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi_script.h"
#include "http/exchange.h"
#include "http/fcgi_record.h"
#include "http/fcgi_wire.h"

/* No test of deadlines: a target that had to wait for a processor has found nothing. */
#define REPLY_MILLISECONDS 60000
#define MAX_BODY 300

enum record_type { TYPE_BEGIN = 1, TYPE_END = 3, TYPE_PARAMS = 4, TYPE_STDIN = 5, TYPE_STDOUT = 6 };

/* A request that passed the screen, and what became of it. */
struct served {
	const struct fcgi_request *request;
	struct arena *arena;
	struct text body; /* as kept on the wire */
	struct text reply;
	unsigned answered;
	unsigned finished;
};

/* Cut one whole record off `rest`. */
static struct text take_record(struct text *rest, unsigned char header[8])
{
	struct text content;
	size_t length;

	FUZZ_REQUIRE(rest->length >= 8);
	memcpy(header, rest->data, 8);
	length = fcgi_content_length(header);
	content = (struct text){rest->data + 8, length};
	FUZZ_REQUIRE(rest->length - 8 >= length + fcgi_padding_length(header));
	*rest = text_skip(*rest, 8 + length + fcgi_padding_length(header));
	return content;
}

/* Walk what the screen kept; the body in it. */
static struct text check_wire(const struct fcgi_request *request, struct arena *arena)
{
	struct text rest = {request->wire.data, request->wire.length};
	struct buffer parameters = buffer_start(arena);
	struct buffer body = buffer_start(arena);
	unsigned begins = 0;

	buffer_add(&parameters, TEXT(""));
	buffer_add(&body, TEXT(""));
	while (rest.length) {
		unsigned char header[8];
		struct text content = take_record(&rest, header);

		FUZZ_REQUIRE(fcgi_header_sane(header) && header[6] == 0 && header[7] == 0);
		FUZZ_REQUIRE(((unsigned)header[2] << 8 | header[3]) == request->id);
		begins += header[1] == TYPE_BEGIN;
		FUZZ_REQUIRE(begins == 1);
		if (header[1] == TYPE_PARAMS)
			buffer_add(&parameters, content);
		else if (header[1] == TYPE_STDIN)
			buffer_add(&body, content);
	}
	FUZZ_REQUIRE(text_equal(buffer_text(&parameters),
	    fuzz_text((const uint8_t *)request->parameters.data, request->parameters.length)));
	FUZZ_REQUIRE(request->parameters.length <= FCGI_MAX_PARAMETER_BYTES);
	FUZZ_REQUIRE(body.length <= MAX_BODY && body.length <= request->body_bytes);
	return buffer_text(&body);
}

/* One length of a pair, as the specification has it (section 3.4). */
static size_t take_length(struct text *rest)
{
	const unsigned char *p = (const unsigned char *)rest->data;
	size_t bytes = p[0] >> 7 ? 4 : 1;
	size_t length = p[0] & 0x7f;

	FUZZ_REQUIRE(rest->length >= bytes);
	for (size_t i = 1; i < bytes; i++)
		length = length << 8 | p[i];
	*rest = text_skip(*rest, bytes);
	return length;
}

/* The next pair as a meta-variable, "NAME=VALUE". */
static struct text take_pair(struct text *rest, struct arena *arena)
{
	struct buffer pair = buffer_start(arena);
	size_t name = take_length(rest);
	size_t value = take_length(rest);

	FUZZ_REQUIRE(name > 0 && rest->length >= name + value);
	buffer_add(&pair, (struct text){rest->data, name});
	buffer_add_byte(&pair, '=');
	buffer_add(&pair, (struct text){rest->data + name, value});
	*rest = text_skip(*rest, name + value);
	return buffer_text(&pair);
}

/* libfcgi adds the role, and passes every pair in its place. */
static void check_environment(const struct served *served, const char *const *environment)
{
	struct text rest = {served->request->parameters.data, served->request->parameters.length};
	const char *const *entry = environment;

	FUZZ_REQUIRE(*entry && strcmp(*entry, "FCGI_ROLE=RESPONDER") == 0);
	for (entry++; rest.length; entry++) {
		FUZZ_REQUIRE(*entry);
		FUZZ_REQUIRE(text_is(take_pair(&rest, served->arena), *entry));
	}
	FUZZ_REQUIRE(!*entry);
}

/* A body is complete when CONTENT_LENGTH, what was received and what is handed over agree. */
static void check_body(const struct served *served, const struct exchange *exchange)
{
	struct text declared = exchange_variable(exchange, "CONTENT_LENGTH");
	size_t received = served->request->body_bytes;
	uint64_t length = 0;
	bool number = !declared.length || text_to_u64(declared, TEXT_DIGITS_ANY, &length);

	if (exchange->body_state == BODY_COMPLETE) {
		FUZZ_REQUIRE(number && length == received && received <= MAX_BODY);
		FUZZ_REQUIRE(text_equal(exchange->body, served->body));
		FUZZ_REQUIRE(exchange->body.length == received);
		return;
	}
	FUZZ_REQUIRE(!text_present(exchange->body));
	if (exchange->body_state == BODY_TOO_LARGE)
		FUZZ_REQUIRE(received > MAX_BODY || (number && length > MAX_BODY));
	else
		FUZZ_REQUIRE(!number || length != received);
}

/* The responder: the environment and the body, back to where they came from. */
static struct text answer(void *context, const struct exchange *exchange)
{
	struct served *served = context;
	struct buffer reply = buffer_start(served->arena);

	FUZZ_REQUIRE(served->answered++ == 0);
	check_environment(served, exchange->environment);
	check_body(served, exchange);
	buffer_add_string(&reply, "Status: 200 OK\r\n\r\n");
	for (const char *const *entry = exchange->environment; *entry; entry++)
		buffer_add_string(&reply, *entry);
	if (text_present(exchange->body))
		buffer_add(&reply, exchange->body);
	served->reply = buffer_text(&reply);
	FUZZ_REQUIRE(text_present(served->reply));
	return served->reply;
}

static void finish(void *context)
{
	struct served *served = context;

	FUZZ_REQUIRE(served->answered == 1 && served->finished++ == 0);
}

/* Everything that waits in the socket. */
static struct text receive(int fd, struct arena *arena)
{
	struct buffer out = buffer_start(arena);
	char piece[8192];
	ssize_t got;

	while ((got = recv(fd, piece, sizeof(piece), MSG_DONTWAIT)) > 0)
		buffer_add(&out, (struct text){piece, (size_t)got});
	return buffer_text(&out);
}

/* The reply's records: the reply, and one end of request with success. */
static void check_reply(const struct served *served, struct text rest)
{
	struct buffer out = buffer_start(served->arena);
	struct text end = {0};

	while (rest.length) {
		unsigned char header[8];
		struct text content = take_record(&rest, header);

		FUZZ_REQUIRE(header[0] == 1 && !text_present(end));
		FUZZ_REQUIRE(((unsigned)header[2] << 8 | header[3]) == served->request->id);
		if (header[1] == TYPE_STDOUT)
			buffer_add(&out, content);
		else if (header[1] == TYPE_END)
			end = content;
	}
	FUZZ_REQUIRE(text_equal(buffer_text(&out), served->reply));
	FUZZ_REQUIRE(end.length == 8 && memcmp(end.data, "\0\0\0\0\0", 5) == 0);
}

static void serve(const struct fcgi_request *request, struct text body, struct arena *arena)
{
	struct served served = {.request = request, .arena = arena, .body = body};
	struct responder responder = {
	    .answer = answer, .finish = finish, .context = &served, .max_body = MAX_BODY};
	struct text wire = {request->wire.data, request->wire.length};
	int nowhere = -1;
	int pair[2];

	FUZZ_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	FUZZ_REQUIRE(wire_serve(
	    pair[0], wire, request->body_bytes, &responder, REPLY_MILLISECONDS, &nowhere));
	FUZZ_REQUIRE(served.answered == 1 && served.finished == 1);
	check_reply(&served, receive(pair[1], arena));
	close(nowhere);
	close(pair[0]);
	close(pair[1]);
}

/* One record in memory that ends where it ends. */
static enum fcgi_progress take(struct fcgi_request *request, struct text *rest)
{
	unsigned char header[8];
	enum fcgi_progress progress;
	size_t length;
	char *content;

	memcpy(header, rest->data, sizeof(header));
	length = fcgi_content_length(header) + fcgi_padding_length(header);
	if (rest->length - sizeof(header) < length)
		return FCGI_REFUSED; /* the front waits in vain */
	content = malloc(length + !length);
	FUZZ_REQUIRE(content);
	memcpy(content, rest->data + sizeof(header), length);
	*rest = text_skip(*rest, sizeof(header) + length);
	progress = fcgi_request_take(request, header, content, MAX_BODY);
	FUZZ_REQUIRE(progress == FCGI_REFUSED || fcgi_header_sane(header));
	free(content);
	return progress;
}

/* Requests on one connection, until it is dropped. */
static void drive(struct text records, struct fcgi_request *request)
{
	while (records.length >= 8) {
		enum fcgi_progress progress = take(request, &records);
		struct arena *arena;

		if (progress == FCGI_REFUSED)
			break;
		if (progress == FCGI_MORE)
			continue;
		arena = arena_new(SCRIPT_ARENA_BYTES);
		FUZZ_REQUIRE(request->begun && request->parameters_ended);
		serve(request, check_wire(request, arena), arena);
		arena_free(arena);
		if (!request->keep_connection)
			break;
		fcgi_request_reset(request);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(SCRIPT_ARENA_BYTES);
	struct fcgi_request request = {0};
	struct text records = script_records(fuzz_text(data, size), arena);

	if (text_present(records))
		drive(records, &request);
	fcgi_request_free(&request);
	arena_free(arena);
	return 0;
}
