/* How does a DBA see at the server what a statement is for? */
#ifndef CASTGATE_DB_PURPOSE_H
#define CASTGATE_DB_PURPOSE_H

/* `kind` is a word of ours, of at most 20 bytes ("rule", "credential"); `name` the operator's for the thing, `place` its
 * "FILE:LINE" as the log has it; both may be NULL. */
struct db_purpose {
	const char *kind;
	const char *name;
	const char *place;
};

#define PURPOSE_COMMENT_BYTES 256

/* Write the comment that precedes the statement, with the blank behind it:
 * castgate rule=chat.{company:id} at=shop.conf:12, between the marks of a comment. Of the name and the last part of the
 * place every byte but [A-Za-z0-9._{}:-] becomes '_' and no more than their first 100 are written, so
 * that neither can end the comment, nor be a hint to a proxy. */
void purpose_comment(const struct db_purpose *purpose, char out[PURPOSE_COMMENT_BYTES]);

#endif
