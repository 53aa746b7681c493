/* Most texts are plain, and are copied; the rest is escaped, or shown in hexadecimal. */
#include "platform.h"
#include "guard/audit_string.h"

#include "codec/json_write.h"

#define MOST_HEX 256

static bool is_plain(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] < ' ' || text.data[i] > '~' || text.data[i] == '"' ||
		    text.data[i] == '\\')
			return false;
	return true;
}

void audit_string_add(struct buffer *out, struct text text)
{
	static const char digits[] = "0123456789abcdef";
	bool plain = is_plain(text);

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
		for (size_t i = 0; i < text.length; i++) {
			buffer_add_byte(out, digits[(unsigned char)text.data[i] >> 4]);
			buffer_add_byte(out, digits[(unsigned char)text.data[i] & 15]);
		}
	}
	buffer_add_byte(out, '"');
}

struct text audit_string_cut(struct text text, size_t most)
{
	if (text.length > most)
		text.length = most;
	return text;
}
