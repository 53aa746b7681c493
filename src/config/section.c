/* The table of sections: where each stands, and which struct it fills. */
#include "platform.h"
#include "config/directive.h"

#include "config/config.h"
#include "config/syntax.h"

static const struct section_row sections[SECTION_COUNT] = {
    [SECTION_TOP] = {.name = ""},
    [SECTION_APP] = {"app", SECTION_TOP, true, sizeof(struct config_app),
        offsetof(struct config_app, name), offsetof(struct config, apps),
        offsetof(struct config, app_count), syntax_title},
    [SECTION_DATABASE] = {"database", SECTION_TOP, false, sizeof(struct config_database), 0,
        offsetof(struct config, database), 0, NULL},
    [SECTION_CREDENTIAL] = {"credential", SECTION_TOP, true, sizeof(struct config_credential),
        offsetof(struct config_credential, name), offsetof(struct config, credentials),
        offsetof(struct config, credential_count), syntax_title},
    [SECTION_OWNER] = {"owner", SECTION_CREDENTIAL, true, sizeof(struct config_owner),
        offsetof(struct config_owner, type), offsetof(struct config_credential, owners),
        offsetof(struct config_credential, owner_count), syntax_title},
    [SECTION_ENDPOINT] = {"endpoint", SECTION_TOP, true, sizeof(struct config_endpoint),
        offsetof(struct config_endpoint, path), offsetof(struct config, endpoints),
        offsetof(struct config, endpoint_count), syntax_endpoint},
    [SECTION_THROTTLE] = {"throttle", SECTION_ENDPOINT, false, sizeof(struct config_throttle), 0,
        offsetof(struct config_endpoint, throttle), 0, NULL},
    [SECTION_CHANNEL] = {"channel", SECTION_ENDPOINT, true, sizeof(struct config_channel),
        offsetof(struct config_channel, pattern), offsetof(struct config_endpoint, channels),
        offsetof(struct config_endpoint, channel_count), syntax_title},
    [SECTION_DENY] = {"deny", SECTION_CHANNEL, true, sizeof(struct config_deny),
        offsetof(struct config_deny, label), offsetof(struct config_channel, denies),
        offsetof(struct config_channel, deny_count), syntax_label},
};

const struct section_row *section_row(enum section section)
{
	return &sections[section];
}
