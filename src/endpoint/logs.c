/* One or two logs, opened from the configuration and handed on at a reload. */
#include "platform.h"
#include "endpoint/logs.h"

#include <string.h>

#include "endpoint/service.h"

bool logs_open(struct service *service, const char *destination, struct report *report)
{
	const struct config *config = service->config;
	struct audit_settings settings = {.destination = destination, .metrics = service->metrics};
	const char *other = NULL;

	if (config) {
		settings.syslog_path = config->syslog_socket;
		settings.format = config->audit_format;
		other = destination ? NULL : config->audit;
		settings.destination = destination ? destination : config->log;
	}
	service->log = audit_open(&settings, (struct origin){0}, report);
	service->audit = service->log;
	if (other && strcmp(other, settings.destination) != 0) {
		settings.destination = other;
		service->audit = audit_open(&settings, (struct origin){0}, report);
	}
	return service->log && service->audit;
}

void logs_close(struct service *service)
{
	if (service->log != service->audit)
		audit_close(service->log);
	audit_close(service->audit);
}

void logs_succeed(struct service *service, const struct service *before)
{
	audit_succeed(service->audit, before->audit);
	if (service->log != service->audit)
		audit_succeed(service->log, before->log);
}

void logs_reopen(struct service *service)
{
	audit_reopen(service->audit);
	if (service->log != service->audit)
		audit_reopen(service->log);
}
