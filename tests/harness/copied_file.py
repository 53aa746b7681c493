"""How does a test use the very file that a user copies?

Those files keep what a user must change in lines of their own: `Define NAME value` for Apache,
`var.NAME = "value"` for lighttpd, and @NAME@ in the tests' own configuration of castgate. Where the
language has no variables, the file's comment names the line to change. Only these values are replaced;
the rest is tested as it is shipped. Users of another system change the paths as well.
"""

import pathlib
import re


# The paths as the files of every web server have them.
SHIPPED_PATHS = ("/broadcasting/auth", "/broadcasting/user-auth",
                 "/api/broadcasting/auth", "/api/broadcasting/user-auth")
_SHIPPED_PATTERN = "(api/)?broadcasting/(auth|user-auth)"


def filled(path, values):
    """A template of the tests with each @NAME@ replaced; a name without a value is an error."""
    text = pathlib.Path(path).read_text()
    return re.sub(r"@([A-Z_]+)@", lambda match: str(values[match.group(1)]), text)


def with_apache_values(path, values):
    return _with_values(path, r"(?m)^(\s*Define\s+{name}\s+).*$", values, '"{value}"')


def with_lighttpd_values(path, values):
    return _with_values(path, r"(?m)^(\s*var\.{name}\s*=\s*).*$", values, '"{value}"')


def with_paths(text, paths):
    """The text of a web server's file, about these paths instead of the shipped ones; None changes
    nothing. They are patterns of letters, digits, hyphens, slashes and sets of them such as [a-z0-9-]+;
    a dot is a dot."""
    if paths is None:
        return text
    wrong = [path for path in paths if not re.fullmatch(r"/([0-9A-Za-z/.-]|\[[0-9a-z-]+\]\+)+", path)]
    if wrong or _SHIPPED_PATTERN not in text:
        raise AssertionError(f"cannot have the paths {wrong or paths} in:\n{text}")
    return text.replace(_SHIPPED_PATTERN, "(" + "|".join(path[1:].replace(".", "[.]") for path in paths) + ")")


def with_texts(path, replacements):
    """A file with pieces of its text replaced, each of which stands there once."""
    text = pathlib.Path(path).read_text()
    for old, new in replacements.items():
        count = text.count(old)
        if count != 1:
            raise AssertionError(f"{path} has {old!r} {count} times instead of once")
        text = text.replace(old, str(new))
    return text


def _with_values(path, line, values, form):
    text = pathlib.Path(path).read_text()
    for name, value in values.items():
        text, count = re.subn(line.format(name=re.escape(name)),
                              lambda match: match.group(1) + form.format(value=value), text)
        if count != 1:
            raise AssertionError(f"{path} sets {name} {count} times instead of once")
    return text
