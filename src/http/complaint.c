/* One line, and then a count. */
#include "platform.h"
#include "http/complaint.h"

#include <stdio.h>

#define SILENCE_MILLISECONDS 10000
#define MESSAGE_BYTES 512

void complaint_tell(struct complaint *complaint, const struct responder *responder,
    long long now_milliseconds, const char *message)
{
	char counted[MESSAGE_BYTES];

	if (complaint->told && now_milliseconds - complaint->told < SILENCE_MILLISECONDS) {
		complaint->silent++;
		return;
	}
	if (complaint->silent)
		snprintf(counted, sizeof(counted), "%s (and %u more times before)", message,
		    complaint->silent);
	if (responder->tell)
		responder->tell(responder->context, complaint->silent ? counted : message);
	*complaint = (struct complaint){.told = now_milliseconds};
}
