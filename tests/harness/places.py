"""Where are the sources, the built programs and the tools of the machine?"""

import os
import pathlib
import shutil
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent

# Servers live in sbin directories, which are not on every user's PATH.
TOOL_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])

# What to install for a tool, by the tool's first name.
PACKAGES = {
    "mariadbd": "mariadb-server-core",
    "mariadb-install-db": "mariadb-server-core",
    "mariadb": "mariadb-client-core",
    "apache2": "apache2-bin",
    "mod_fcgid.so": "libapache2-mod-fcgid",
    "lighttpd": "lighttpd",
    "nginx": "nginx",
    "logrotate": "logrotate",
    "fail2ban": "fail2ban",
    "systemd-analyze": "systemd",
    "systemd-sysusers": "systemd",
    "systemd-tmpfiles": "systemd",
    "openssl": "openssl",
    "chromedriver": "chromium-driver",
    "readelf": "binutils",
    "wrk": "wrk",
    "sqitch": "sqitch libdbd-mysql-perl",
}


def build_directory():
    """The top of the build: CASTGATE_BUILD, or a usual place below the sources."""
    named = os.environ.get("CASTGATE_BUILD")
    if named:
        return pathlib.Path(named).resolve()
    for candidate in (SOURCE / "build", SOURCE):
        if (candidate / "castgate.fcgi").exists():
            return candidate
    raise AssertionError("no built castgate.fcgi: set CASTGATE_BUILD to the build directory")


def built(name):
    """A program of this build. Its absence is a failure, never a skip."""
    program = build_directory() / name
    if not os.access(program, os.X_OK):
        raise AssertionError(f"{program} has not been built")
    return program


def missing(name):
    """The exception for a tool this machine lacks: a skip for a person, a failure in CI."""
    package = PACKAGES.get(name, name)
    return absent(f"{name} is missing: on Debian, apt-get install {package}")


def absent(text):
    """The same with other words, for what no package of Debian brings."""
    return AssertionError(text) if os.environ.get("CI") == "true" else unittest.SkipTest(text)


def tool(*names):
    """The path of the first of these programs that is installed."""
    for name in names:
        found = shutil.which(name, path=TOOL_PATH)
        if found:
            return found
    raise missing(names[0])


def has_tool(*names):
    return any(shutil.which(name, path=TOOL_PATH) for name in names)


def apache_modules():
    """The directory of Apache's loadable modules."""
    for directory in ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules",
                      "/usr/libexec/apache2", "/usr/lib/httpd/modules"):
        if os.path.isdir(directory):
            return pathlib.Path(directory)
    raise missing("apache2")


def lighttpd(copy_to):
    """lighttpd's program and the arguments that let it find its modules.

    An installed one, or one that ./bootstrap unpacked below its build directory: Debian's package
    cannot be installed without starting a service on port 80. Of the latter `copy_to` gets a copy,
    since the server's user may have no way into the build directory.
    """
    found = shutil.which("lighttpd", path=TOOL_PATH)
    if found:
        return [found]
    program = _unpacked("lighttpd")
    shutil.copytree(program.parents[1] / "lib/lighttpd", copy_to / "modules")
    return [_copy(program, copy_to), "-m", copy_to / "modules"]


def nginx(copy_to):
    """nginx's program: installed, or a copy of an unpacked one, both for the same reasons."""
    return shutil.which("nginx", path=TOOL_PATH) or _copy(_unpacked("nginx"), copy_to)


def logrotate():
    """logrotate's program: installed, or unpacked, since Debian's package adds a daily job."""
    return shutil.which("logrotate", path=TOOL_PATH) or str(_unpacked("logrotate"))


def suexec(copy, account):
    """Put a copy of Debian's suexec-pristine where it is wanted, as it would be installed."""
    shutil.copyfile(_unpacked("apache2-suexec-pristine", "usr/lib/apache2/suexec-pristine"), copy)
    os.chown(copy, 0, account.gid)
    copy.chmod(0o4750)


def fail2ban():
    """Where fail2ban is: the folder of its programs, that of its configuration, and the variables its
    programs need. Installed, or unpacked, since Debian's package enables a service."""
    found = shutil.which("fail2ban-regex", path=TOOL_PATH)
    if found:
        return pathlib.Path(found).parent, pathlib.Path("/etc/fail2ban"), {}
    programs = _unpacked("fail2ban", "usr/bin/fail2ban-regex").parent
    top = programs.parents[1]
    return programs, top / "etc/fail2ban", {"PYTHONPATH": str(top / "usr/lib/python3/dist-packages")}


def _unpacked(name, program=None):
    for directory in (build_directory(), SOURCE / "build"):
        found = directory / ".cache" / name / (program or f"usr/sbin/{name}")
        if found.exists():
            return found
    raise missing(name)


def _copy(program, directory):
    copy = directory / program.name
    shutil.copyfile(program, copy)
    copy.chmod(0o755)
    return copy


def is_instrumented():
    """Was this build made with sanitizers, or for coverage?"""
    program = built("castgate.fcgi").read_bytes()
    return b"__asan_init" in program or b"__gcov_" in program
