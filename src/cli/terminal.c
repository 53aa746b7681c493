/* Printable ASCII passes, everything else becomes a question mark. */
#include "platform.h"
#include "cli/terminal.h"

void terminal_text(FILE *stream, struct text text)
{
	if (!text_present(text))
		fputc('-', stream);
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		fputc(byte < ' ' || byte > '~' ? '?' : byte, stream);
	}
}

void terminal_value(FILE *stream, struct value value)
{
	if (value.kind == VALUE_NONE)
		fputs("(none)", stream);
	else if (value.kind == VALUE_BINARY)
		fputs("(binary)", stream);
	else
		terminal_text(stream, value.text);
}
