"""How does a table get any number of rows that nobody asks for?"""

from . import database_server
from .mariadb import DATABASE

# Filler rows begin here, so that they collide with no row of a fixture.
FIRST = 1_000_000


def _text(length, name):
    if length >= 64 and name in ("token", "token_hash"):
        return "SHA2(CONCAT('plain-', n), 256)"
    if name == "id" or name.endswith(("_id", "Id")):
        return "CONCAT('id-', n)"
    return f"LEFT(CONCAT(n, '-{name}'), {length})"


def _value(name, kind, length, nullable):
    """An expression over n, unlike for every n where the type has room for that."""
    if kind in ("char", "varchar", "text", "mediumtext", "longtext"):
        return "NULL" if nullable else _text(int(length), name)
    if kind in ("binary", "varbinary"):
        return f"LEFT(UNHEX(SHA2(CONCAT('{name}-', n), 256)), {length})"
    if kind in ("timestamp", "datetime", "date"):
        # within what a TIMESTAMP can tell
        return "NULL" if nullable else "TIMESTAMP('2037-01-01') + INTERVAL n % 86400 SECOND"
    return "NULL" if nullable else "n % 100" if kind == "tinyint" else "n"


def columns_of(db, table):
    """{name: expression} for each column that must be given a value."""
    rows = db.execute(
        "SELECT COLUMN_NAME, DATA_TYPE, COALESCE(CHARACTER_MAXIMUM_LENGTH, 0), IS_NULLABLE"
        f" FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '{DATABASE}'"
        f" AND TABLE_NAME = '{table}' ORDER BY ORDINAL_POSITION")
    return {name: _value(name, kind, length, nullable == "YES")
            for name, kind, length, nullable in rows}


def add_rows(db, table, count, first=FIRST, **expressions):
    """`count` rows with n from `first` + 1 on; `expressions` over n replace those made up from the
    columns' types.

    A key has the value n, or one made of it, in every table: row n of one table belongs to row n of
    another.
    """
    columns = {**columns_of(db, table), **expressions}
    names = ", ".join(f"`{name}`" for name in columns)
    db.execute(f"SET unique_checks = 0, foreign_key_checks = 0;"
               f"INSERT INTO `{table}` ({names}) SELECT {', '.join(columns.values())}"
               f" FROM (SELECT seq + {first} AS n FROM {database_server.numbers(count)}) AS numbers;"
               f"ANALYZE TABLE `{table}`")


def surround(db, count):
    """`count` filler rows in every table there is."""
    for table, _ in db.execute("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'"):
        add_rows(db, table, count)


def add_many_rows(db, table, count, **expressions):
    """The same for millions: the indexes are made when the rows are there, sorted, which is faster."""
    keys = db.execute(
        "SELECT INDEX_NAME, IF(NON_UNIQUE, '', 'UNIQUE'),"
        " GROUP_CONCAT('`', COLUMN_NAME, '`' ORDER BY SEQ_IN_INDEX) FROM information_schema.STATISTICS"
        f" WHERE TABLE_SCHEMA = '{DATABASE}' AND TABLE_NAME = '{table}' AND INDEX_NAME <> 'PRIMARY'"
        " GROUP BY INDEX_NAME, NON_UNIQUE")

    def change(*words):
        if words:
            db.execute(f"SET foreign_key_checks = 0; ALTER TABLE `{table}` {', '.join(words)}")
    change(*(f"DROP KEY `{name}`" for name, _, _ in keys))
    add_rows(db, table, count, **expressions)
    change(*(f"ADD {unique} KEY `{name}` ({columns})" for name, unique, columns in keys))
    db.execute(f"ANALYZE TABLE `{table}`")
