/* The floor: two prepared SELECTs by primary key and one HMAC, written for one table layout and with
 * no checks at all: no owner, no expiry, no participant, no proof, no log, no limits, no deadline. It
 * believes what it is sent, and looks only at whether there are rows.
 * Usage: floor_responder SOCKET WORKERS, the database in FLOOR_SOCKET, FLOOR_NAME, FLOOR_USER and
 * FLOOR_PASSWORD, the app in FLOOR_KEY and FLOOR_SECRET. */
#include "platform.h"

#include <mysql.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers.h"

#define BODY_BYTES 1024
#define MAC_BYTES 32

static const char token_sql[] =
    "SELECT token, tokenable_id FROM personal_access_tokens WHERE id = ?";
static const char channel_sql[] = "SELECT company_id, id FROM conversations WHERE id = ?";

struct floor {
	MYSQL *connection;
	MYSQL_STMT *token;
	MYSQL_STMT *channel;
	EVP_MAC_CTX *keyed;
	const char *key;
};

static void give_up(const char *what)
{
	fprintf(stderr, "floor_responder: %s\n", what);
	exit(EXIT_FAILURE);
}

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	if (!value)
		give_up(name);
	return value;
}

static MYSQL_STMT *prepare(MYSQL *connection, const char *sql)
{
	MYSQL_STMT *statement = mysql_stmt_init(connection);

	if (!statement || mysql_stmt_prepare(statement, sql, strlen(sql)) != 0)
		give_up(mysql_error(connection));
	return statement;
}

static EVP_MAC_CTX *open_mac(const char *secret)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end()};
	EVP_MAC *method = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(method);

	if (!context ||
	    EVP_MAC_init(context, (const unsigned char *)secret, strlen(secret), params) != 1)
		give_up("no HMAC");
	return context;
}

static void *open_floor(void)
{
	struct floor *floor = calloc(1, sizeof(*floor));

	if (!floor)
		give_up("no memory");
	floor->connection = mysql_init(NULL);
	if (!mysql_real_connect(floor->connection, NULL, setting("FLOOR_USER"),
	        setting("FLOOR_PASSWORD"), setting("FLOOR_NAME"), 0, setting("FLOOR_SOCKET"), 0))
		give_up(mysql_error(floor->connection));
	floor->token = prepare(floor->connection, token_sql);
	floor->channel = prepare(floor->connection, channel_sql);
	floor->keyed = open_mac(setting("FLOOR_SECRET"));
	floor->key = setting("FLOOR_KEY");
	return floor;
}

/* Is there a row with this id? */
static int has_row(MYSQL_STMT *statement, unsigned long long id)
{
	char first[128];
	char second[128];
	unsigned long lengths[2];
	MYSQL_BIND parameter = {
	    .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &id, .is_unsigned = 1};
	MYSQL_BIND columns[2] = {{.buffer_type = MYSQL_TYPE_STRING,
	                             .buffer = first,
	                             .buffer_length = sizeof(first),
	                             .length = &lengths[0]},
	    {.buffer_type = MYSQL_TYPE_STRING,
	        .buffer = second,
	        .buffer_length = sizeof(second),
	        .length = &lengths[1]}};
	int found;

	if (mysql_stmt_bind_param(statement, &parameter) != 0 ||
	    mysql_stmt_execute(statement) != 0 || mysql_stmt_bind_result(statement, columns) != 0)
		give_up(mysql_stmt_error(statement));
	found = mysql_stmt_fetch(statement) == 0;
	mysql_stmt_free_result(statement);
	return found;
}

static void refuse(FCGX_Request *request, int status, const char *phrase)
{
	FCGX_FPrintF(request->out,
	    "Status: %d %s\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
	    status, phrase);
}

static void sign(
    struct floor *floor, FCGX_Request *request, const char *socket_id, const char *channel)
{
	EVP_MAC_CTX *context = EVP_MAC_CTX_dup(floor->keyed);
	unsigned char mac[MAC_BYTES];
	char hex[2 * MAC_BYTES + 1];
	char body[256];
	size_t length;

	EVP_MAC_update(context, (const unsigned char *)socket_id, strlen(socket_id));
	EVP_MAC_update(context, (const unsigned char *)":", 1);
	EVP_MAC_update(context, (const unsigned char *)channel, strlen(channel));
	EVP_MAC_final(context, mac, &length, sizeof(mac));
	EVP_MAC_CTX_free(context);
	for (size_t i = 0; i < sizeof(mac); i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned)mac[i]);
	snprintf(body, sizeof(body), "{\"auth\":\"%s:%s\"}", floor->key, hex);
	FCGX_FPrintF(request->out,
	    "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    (int)strlen(body), body);
}

static void answer(void *context, FCGX_Request *request)
{
	struct floor *floor = context;
	const char *authorization = FCGX_GetParam("HTTP_AUTHORIZATION", request->envp);
	char body[BODY_BYTES + 1];
	char socket_id[64];
	char channel[256];
	unsigned long long token;
	unsigned long long conversation;
	int length = FCGX_GetStr(body, BODY_BYTES, request->in);

	body[length < 0 ? 0 : length] = '\0';
	if (!authorization || sscanf(authorization, "Bearer %llu|", &token) != 1 ||
	    sscanf(body, "socket_id=%63[0-9.]&channel_name=%255s", socket_id, channel) != 2 ||
	    sscanf(channel, "private-chat.%*u.conversation.%llu", &conversation) != 1)
		refuse(request, 400, "Bad Request");
	else if (!has_row(floor->token, token))
		refuse(request, 401, "Unauthorized");
	else if (!has_row(floor->channel, conversation))
		refuse(request, 403, "Forbidden");
	else
		sign(floor, request, socket_id, channel);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: floor_responder SOCKET WORKERS\n", stderr);
		return 2;
	}
	return workers_run(argv[1], (int)strtol(argv[2], NULL, 10), open_floor, answer);
}
