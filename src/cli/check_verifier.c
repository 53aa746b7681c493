/* Pusher's protocol, version 7, from the opening to one subscription. */
#include "platform.h"
#include "cli/check_verifier.h"

#include <inttypes.h>
#include <string.h>

#include "cli/command.h"
#include "cli/websocket.h"
#include "codec/json_object.h"
#include "codec/json_write.h"
#include "codec/subscription_syntax.h"

#define CHANNEL "private-castgate-check"
#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define MOST_MESSAGES 1000

/* What the protocol's error codes come from. */
static const struct {
	int64_t code;
	const char *cure;
} errors[] = {
    {4000, "it wants TLS: use wss://"},
    {4001,
        "it has no app with this key: compare key of the app with the WebSocket server's own "
        "configuration (REVERB_APP_KEY, PUSHER_APP_KEY), and look whether it is the right server"},
    {4003, "the app is switched off there"},
    {4004, "the app has more connections than it may: raise its limit"},
    {4005, "it does not know the path: for a server below a path give that path, without /app"},
    {4006, "it does not take this client's version"},
    {4007, "it does not speak version 7 of Pusher's protocol"},
    {4009, "it refuses the signature: compare secret of the app with the WebSocket server's own "
           "configuration (REVERB_APP_SECRET, PUSHER_APP_SECRET)"},
    {4100, "it has more connections than it can bear"},
};

struct conversation {
	const struct check *check;
	const struct config_app *app;
	struct websocket websocket;
};

/* One message of the protocol. */
struct message {
	struct text event;
	struct text channel;
	struct json_object data;
};

static void complain_of_code(
    const struct conversation *conversation, bool has_code, int64_t code, struct text said)
{
	const struct reach *reach = &conversation->websocket.reach;
	const char *cure = "look in its log";

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (has_code && errors[i].code == code)
			cure = errors[i].cure;
	if (has_code)
		reach_complain(reach, "answers with error %" PRId64 " (\"%.*s\"): %s", code,
		    (int)said.length, said.data, cure);
	else
		reach_complain(reach, "answers with an error (\"%.*s\"): %s", (int)said.length,
		    said.data, cure);
}

/* `data` is an object, or more often the text of one. */
static bool read_data(const struct conversation *conversation, const struct json_member *member,
    struct json_object *data)
{
	const char *problem;

	*data = (struct json_object){0};
	if (member && member->kind == JSON_MEMBER_OBJECT)
		*data = member->inside;
	else if (member && member->kind == JSON_MEMBER_STRING && member->string.length)
		return json_object_read(member->string, WEBSOCKET_MESSAGE_MAX,
		    conversation->check->arena, data, &problem);
	return true;
}

/* The next message. False with an error in the report. */
static bool receive(struct conversation *conversation, struct message *message)
{
	struct websocket_news news = websocket_receive(&conversation->websocket);
	struct json_object object;
	const char *problem;

	if (news.event == WEBSOCKET_EVENT_CLOSED)
		complain_of_code(conversation, true, (int64_t)news.close_code, news.text);
	if (news.event != WEBSOCKET_EVENT_TEXT)
		return false;
	if (!json_object_read(
	        news.text, WEBSOCKET_MESSAGE_MAX, conversation->check->arena, &object, &problem) ||
	    !read_data(conversation, json_object_member(&object, TEXT("data")), &message->data)) {
		reach_complain(&conversation->websocket.reach,
		    "does not speak Pusher's protocol: is it another kind of WebSocket server?");
		return false;
	}
	message->event = json_object_string(&object, "event");
	message->channel = json_object_string(&object, "channel");
	return true;
}

static void complain_of_message(
    const struct conversation *conversation, const struct message *message)
{
	const struct json_member *code = json_object_member(&message->data, TEXT("code"));
	const struct json_member *status = json_object_member(&message->data, TEXT("status"));
	struct text said = json_object_string(&message->data, "message");
	bool has_code = code && code->kind == JSON_MEMBER_INTEGER;

	if (!text_present(said))
		said = json_object_string(&message->data, "error");
	if (!text_present(said))
		said = TEXT("");
	/* soketi's way to refuse a signature */
	if (!has_code && status && status->kind == JSON_MEMBER_INTEGER && status->integer == 401)
		complain_of_code(conversation, true, 4009, said);
	else
		complain_of_code(conversation, has_code, has_code ? code->integer : 0, said);
}

static bool is_error(struct text event)
{
	return text_is(event, "pusher:error") || text_is(event, "pusher:subscription_error") ||
	       text_is(event, "pusher_internal:subscription_error");
}

/* Wait for an event, of a channel unless that is NULL; others are passed over. */
static bool await(struct conversation *conversation, const char *event, const char *channel,
    struct message *message)
{
	for (int i = 0; i < MOST_MESSAGES; i++) {
		if (!receive(conversation, message))
			return false;
		if (text_is(message->event, event) &&
		    (!channel || text_is(message->channel, channel)))
			return true;
		if (is_error(message->event)) {
			complain_of_message(conversation, message);
			return false;
		}
		if (text_is(message->event, "pusher:ping") &&
		    !websocket_send(
		        &conversation->websocket, TEXT("{\"event\":\"pusher:pong\",\"data\":{}}")))
			return false;
	}
	reach_complain(&conversation->websocket.reach, "talks of other things than %s", event);
	return false;
}

/* The message that subscribes. Absent when it cannot be signed, with an error in the report. */
static struct text subscription(const struct conversation *conversation, struct text socket_id)
{
	const struct config_app *config = conversation->app;
	struct arena *arena = conversation->check->arena;
	struct ticket_app app = {.key = text_of(config->key),
	    .hmac = hmac_key_new(text_of(config->secret)),
	    .verifier = ticket_verifier_named(config->verifier)};
	struct buffer out = buffer_start(arena);
	struct ticket ticket;
	struct verdict verdict =
	    ticket_sign_channel(&app, socket_id, TEXT(CHANNEL), (struct text){0}, arena, &ticket);

	hmac_key_free(app.hmac);
	if (!verdict_allows(verdict)) {
		reach_complain(&conversation->websocket.reach,
		    "gave a socket id that cannot be signed (%s): is it a server of Pusher's "
		    "protocol?",
		    outcome_row(verdict.outcome)->reason);
		return (struct text){0};
	}
	buffer_add_string(&out,
	    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" CHANNEL "\",\"auth\":");
	(void)json_add_string(&out, ticket.auth, JSON_PLAIN);
	buffer_add_string(&out, "}}");
	if (!text_present(buffer_text(&out)))
		(void)report_no_memory(conversation->check->report);
	return buffer_text(&out);
}

static void converse(struct conversation *conversation)
{
	const struct check *check = conversation->check;
	struct message message;
	struct text subscribe;
	struct text id;

	if (!await(conversation, "pusher:connection_established", NULL, &message))
		return;
	check_say(check, "verifier", "knows the key of app \"%s\"", conversation->app->name);
	id = json_object_string(&message.data, "socket_id");
	subscribe = subscription(conversation, id);
	if (!text_present(subscribe) || !websocket_send(&conversation->websocket, subscribe) ||
	    !await(conversation, "pusher_internal:subscription_succeeded", CHANNEL, &message))
		return;
	check_say(check, "verifier", "accepts what is signed with its secret (%s)", CHANNEL);
}

/* "/app/KEY?protocol=7" below the path of the address; NULL with an error in the report. */
static const char *build_path(const struct check *check, const char *url, const char *key)
{
	struct web_address address;
	const char *path;
	size_t length;

	if (!web_address_read(url, &address))
		return "/"; /* which is told when the connection is tried */
	length = strcspn(address.path, "?");
	if (address.path[length] || key[strspn(key, UNRESERVED)]) {
		report_add(check->report, REPORT_ERROR, (struct origin){0},
		    address.path[length]
		        ? "--verifier takes an address without a query"
		        : "the app's key has characters that do not fit into a path");
		return NULL;
	}
	while (length > 0 && address.path[length - 1] == '/')
		length--;
	path = arena_printf(check->arena, "%.*s/app/%s?protocol=7&client=castgate&version=%s",
	    (int)length, address.path, key, PACKAGE_VERSION);
	if (!path)
		(void)report_no_memory(check->report);
	return path;
}

void check_verifier(const struct check *check, const char *url)
{
	struct conversation conversation = {
	    .check = check, .app = command_find_app(check->service->config, check->app)};
	const struct config_app *app = conversation.app;
	const char *path = NULL;

	if (!app)
		report_add(check->report, REPORT_ERROR, (struct origin){0}, "--verifier: %s",
		    check->app ? "no app has this name" : "not one app: choose one with --app");
	else if (!app->key || !*app->key || !app->secret || !*app->secret)
		report_add(check->report, REPORT_ERROR, app->origin,
		    "app \"%s\" has no key or secret, so nothing can be signed", app->name);
	else
		path = build_path(check, url, app->key);
	if (!path)
		return;
	if (websocket_open(&conversation.websocket, check, url, path))
		converse(&conversation);
	websocket_close(&conversation.websocket);
}
