/* Small grammars of single values, each written out as the characters it allows. */
#include "platform.h"
#include "config/syntax.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/verdict.h"
#include "codec/address.h"
#include "codec/subscription_syntax.h"
#include "codec/web_address.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define NAME_BYTES LETTERS DIGITS "_"
#define COLUMN_BYTES NAME_BYTES "$-"
#define COLUMN_MAX 64

static bool consists_of(struct text text, const char *bytes)
{
	for (size_t i = 0; i < text.length; i++)
		if (!text.data[i] || !strchr(bytes, text.data[i]))
			return false;
	return text.length > 0;
}

static bool is_column(struct text text)
{
	return text.length <= COLUMN_MAX && consists_of(text, COLUMN_BYTES);
}

static bool is_name(struct text text)
{
	return consists_of(text, NAME_BYTES) && !strchr(DIGITS, text.data[0]);
}

/* A result column or parameter: "role", "user.name", "user". */
static bool is_value_name(struct text text)
{
	return is_name(text_starts_with(text, "user.") ? text_skip(text, 5) : text);
}

void syntax_split(const char *item, struct text *name, struct text *value)
{
	struct text whole = text_of(item);
	size_t equals = text_find(whole, '=');

	*name = text_trim((struct text){whole.data, equals});
	*value = equals < whole.length ? text_trim(text_skip(whole, equals + 1)) : (struct text){0};
}

const char *syntax_column(const char *value)
{
	return is_column(text_of(value))
	           ? NULL
	           : "must be a column's name: at most 64 letters, digits, \"_\", \"$\", \"-\"";
}

const char *syntax_table(const char *value)
{
	struct text whole = text_of(value);
	size_t dot = text_find(whole, '.');
	struct text first = {whole.data, dot};

	if (is_column(first) && (dot == whole.length || is_column(text_skip(whole, dot + 1))))
		return NULL;
	return "must be a table's name: letters, digits, \"_\", \"$\", \"-\", or two such names "
	       "with a dot";
}

const char *syntax_name(const char *value)
{
	return is_name(text_of(value)) ? NULL : "must be a name of letters, digits and \"_\"";
}

const char *syntax_parameter(const char *value)
{
	return is_value_name(text_of(value))
	           ? NULL
	           : "must be a name, or user.NAME, of letters, digits and \"_\" and without \":\"";
}

const char *syntax_member(const char *value)
{
	struct text name;
	struct text from;

	syntax_split(value, &name, &from);
	if (text_present(from) ? is_name(name) && is_value_name(from) : is_name(name))
		return NULL;
	return "must be \"NAME\" or \"NAME = VALUE\", where VALUE is a result column or user.NAME";
}

const char *syntax_claim(const char *value)
{
	struct text name;
	struct text claim;

	syntax_split(value, &name, &claim);
	if (is_name(name) && (!text_present(claim) || claim.length > 0))
		return NULL;
	return "must be \"NAME\" or \"NAME = CLAIM\"";
}

const char *syntax_claim_name(const char *value)
{
	return value[0] ? NULL : "must be the name of a claim";
}

const char *syntax_session_field(const char *value)
{
	static const char *const fields[] = {
	    "id", "token", "expiresAt", "userId", "activeOrganizationId"};
	struct text field;
	struct text column;

	syntax_split(value, &field, &column);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (text_is(field, fields[i]) && is_column(column))
			return NULL;
	return "must be \"FIELD = COLUMN\", where FIELD is id, token, expiresAt, userId or "
	       "activeOrganizationId";
}

const char *syntax_message(const char *value)
{
	struct text reason;
	struct text text;
	bool known;

	syntax_split(value, &reason, &text);
	known = text_is(reason, "other");
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		const struct outcome_row *row = outcome_row((enum outcome)i);

		known = known || (text_is(reason, row->reason) &&
		                     (row->status == 401 || row->status == 403));
	}
	return known && text.length
	           ? NULL
	           : "must be \"REASON = TEXT\" with a reason of status 401 or 403 in "
	             "castgate.fcgi(8), or \"other\"";
}

const char *syntax_label(const char *value)
{
	return consists_of(text_of(value), "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "_")
	           ? NULL
	           : "must consist of capital letters, digits and \"_\"";
}

const char *syntax_title(const char *value)
{
	struct text text = text_of(value);

	if (text.length == 0)
		return "must not be empty";
	if (text.length > 255)
		return "must not be longer than 255 bytes";
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] <= ' ' || text.data[i] == 0x7f)
			return "must not contain blanks or control characters";
	return NULL;
}

static bool is_port(struct text text)
{
	uint64_t port;

	return text_to_u64(text, TEXT_DIGITS_CANONICAL, &port) && port > 0 && port < 65536;
}

static bool is_ipv6(struct text text)
{
	struct address address;

	return text_find(text, ':') < text.length && address_parse(text, &address);
}

/* A name or IPv4 address as DNS writes it. */
static bool is_host_name(struct text text)
{
	return text.length <= 253 && consists_of(text, LETTERS DIGITS "-._") &&
	       text.data[0] != '-' && text.data[0] != '.';
}

/* HOST[:PORT], with an IPv6 address in brackets. */
static bool is_host_and_port(struct text text)
{
	size_t end = text_starts_with(text, "[") ? text_find(text, ']') : text_find(text, ':');
	struct text rest;

	if (text_starts_with(text, "[")) {
		if (end == text.length || !is_ipv6((struct text){text.data + 1, end - 1}))
			return false;
		rest = text_skip(text, end + 1);
	} else {
		if (!is_host_name((struct text){text.data, end}))
			return false;
		rest = text_skip(text, end);
	}
	return rest.length == 0 || (rest.data[0] == ':' && is_port(text_skip(rest, 1)));
}

const char *syntax_host(const char *value)
{
	return is_host_and_port(text_of(value))
	           ? NULL
	           : "must be HOST or HOST:PORT, with an IPv6 address in brackets";
}

const char *syntax_network(const char *value)
{
	struct network network;

	return network_parse(text_of(value), &network)
	           ? NULL
	           : "must be an IP address, or a network such as 192.0.2.0/24";
}

const char *syntax_proxy(const char *value)
{
	struct network network;
	struct network ipv4;

	if (strcmp(value, "unix") == 0)
		return NULL;
	if (!network_parse(text_of(value), &network) || !network_parse(TEXT("0.0.0.0/0"), &ipv4))
		return "must be an IP address, a network such as 192.0.2.0/24, or unix";
	if (network.bits <= ipv4.bits && network_has(&network, &ipv4.first))
		return "must not be everybody: clients could then choose their address";
	return NULL;
}

static bool has_default_port(const char *value)
{
	size_t length = strlen(value);

	return (strncmp(value, "https://", 8) == 0 && strcmp(value + length - 4, ":443") == 0) ||
	       (strncmp(value, "http://", 7) == 0 && strcmp(value + length - 3, ":80") == 0);
}

const char *syntax_origin(const char *value)
{
	const char *separator = strstr(value, "://");
	struct text scheme = {value, separator ? (size_t)(separator - value) : 0};
	struct text authority = text_of(separator ? separator + 3 : "");

	if (consists_of(scheme, "abcdefghijklmnopqrstuvwxyz" DIGITS "-+.") &&
	    is_host_and_port(authority) && consists_of(authority, LETTERS DIGITS "-._:[]") &&
	    !strpbrk(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") && !has_default_port(value))
		return NULL;
	return "must be an origin exactly as a browser sends it: scheme://host or "
	       "scheme://host:port, lower case, without a default port or a path";
}

/* One segment of a path, between slashes. */
static bool is_segment(struct text segment)
{
	for (size_t i = 0; i < segment.length; i++)
		if (segment.data[i] <= ' ' || strchr("?#%\\\x7f", segment.data[i]))
			return false;
	return segment.length > 0 && !text_is(segment, ".") && !text_is(segment, "..");
}

const char *syntax_endpoint(const char *value)
{
	struct text rest = text_of(value);
	bool good = text_starts_with(rest, "/") && rest.length <= 1024;

	while (good && rest.length > 1) { /* a "/" alone may end the path */
		struct text segment;

		rest = text_skip(rest, 1);
		segment = (struct text){rest.data, text_find(rest, '/')};
		good = is_segment(segment);
		rest = text_skip(rest, segment.length);
	}
	return good ? NULL
	            : "must be an absolute path in its normal form: no query, no escapes, no "
	              "empty or dot segments";
}

const char *syntax_source(const char *value)
{
	static const char *const places[] = {"header:", "cookie:", "query:", "form:"};
	struct text whole = text_of(value);

	if (text_is(whole, "bearer") || text_is(whole, "cookie"))
		return NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (text_starts_with(whole, places[i]) && whole.length <= 64 &&
		    consists_of(text_skip(whole, strlen(places[i])), NAME_BYTES "-."))
			return NULL;
	return "must be bearer, cookie, header:NAME, cookie:NAME, query:NAME or form:NAME";
}

const char *syntax_jwks(const char *value)
{
	struct web_address address;

	if (strncmp(value, "https://", 8) == 0 ? web_address_read(value, &address)
	                                       : !strstr(value, "://"))
		return NULL;
	return "must be an https:// address without user and fragment, or the path of a file";
}

const char *syntax_cookie(const char *value)
{
	return consists_of(text_of(value), NAME_BYTES "-.")
	           ? NULL
	           : "must consist of letters, digits, \"_\", \"-\" and \".\"";
}

const char *syntax_audit(const char *value)
{
	/* else such a file would be made */
	return strcmp(value, "required") == 0 ? "says where lines go; that none may be lost is "
	                                        "\"audit_required = true\""
	                                      : NULL;
}

const char *syntax_zone(const char *value)
{
	struct clock_zone zone;

	return clock_zone_parse(value, &zone)
	           ? NULL
	           : "must be UTC, an offset such as +05:00, or a zone this machine knows, such as "
	             "Europe/Berlin";
}

static const char *check_braces(struct text rest, bool is_channel)
{
	while (rest.length) {
		struct text literal = {rest.data, text_find(rest, '{')};
		size_t close;

		if (is_channel && literal.length && !channel_name_valid(literal, 1024))
			return "must consist of bytes that channel names may have, and {NAME}";
		if (text_find(literal, '}') < literal.length)
			return "has a \"}\" without a \"{\" before it";
		rest = text_skip(rest, literal.length);
		if (!rest.length)
			break;
		close = text_find(rest, '}');
		if (close == rest.length || !is_value_name((struct text){rest.data + 1, close - 1}))
			return "must name its values as {NAME}, {user} or {user.NAME}";
		rest = text_skip(rest, close + 1);
	}
	return NULL;
}

const char *syntax_template(const char *value)
{
	struct text whole = text_of(value);

	if (!text_starts_with(whole, "private-") && !text_starts_with(whole, "presence-"))
		return "must be a whole channel name that begins with a guarded prefix, such as "
		       "private-";
	return check_braces(whole, true);
}

const char *syntax_sentence(const char *value)
{
	return check_braces(text_of(value), false);
}
