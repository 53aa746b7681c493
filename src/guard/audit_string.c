/* Most texts are plain, and are copied; the rest is escaped, or shown in hexadecimal. */
#include "platform.h"
#include "guard/audit_string.h"

#include "codec/base64.h"
#include "codec/json_write.h"

#define MOST_HEX 256

void audit_string_add(struct buffer *out, struct text text)
{
	char hex[2 * MOST_HEX + 1];
	bool plain = json_string_is_plain(text);

	if (!plain && text_is_utf8(text)) {
		(void)json_add_string(out, text, JSON_LOG);
		return;
	}
	buffer_add_byte(out, '"');
	if (plain) {
		buffer_add(out, text);
	} else {
		buffer_add(out, TEXT("hex:"));
		text = audit_string_cut(text, MOST_HEX);
		hex_encode((const unsigned char *)text.data, text.length, hex);
		buffer_add_string(out, hex);
	}
	buffer_add_byte(out, '"');
}

struct text audit_string_cut(struct text text, size_t most)
{
	if (text.length > most)
		text.length = most;
	return text;
}
