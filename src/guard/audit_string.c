/* Most texts are plain, and are copied; the rest is escaped, or shown in hexadecimal. */
#include "platform.h"
#include "guard/audit_string.h"

#include <stdint.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/json_write.h"

#define MOST_HEX 256

/* Eight bytes at a time: this is done for each text of each request. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define TOP_BITS EACH(0x80)

/* The top bit of every byte that is zero; of others only above one that is. */
static uint64_t zeros(uint64_t word)
{
	return (word - EACH(1)) & ~word & TOP_BITS;
}

/* No control, no DEL, nothing beyond ASCII, no quote and no backslash. */
static bool word_is_plain(uint64_t word)
{
	uint64_t controls = (word - EACH(' ')) & ~word;

	return !((word | controls | zeros(word ^ EACH('"')) | zeros(word ^ EACH('\\')) |
	             zeros(word ^ EACH(0x7f))) &
	         TOP_BITS);
}

static bool is_plain(struct text text)
{
	size_t at = 0;
	uint64_t word;

	for (; text.length - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, text.data + at, sizeof(word));
		if (!word_is_plain(word))
			return false;
	}
	word = EACH(' ');
	if (text.length > at)
		memcpy(&word, text.data + at, text.length - at);
	return word_is_plain(word);
}

void audit_string_add(struct buffer *out, struct text text)
{
	char hex[2 * MOST_HEX + 1];
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
