"""How does a test do something as another user than its own?"""

import multiprocessing
import os
import pwd
import unittest


def strangers():
    """Two users that neither the test nor its servers run as: their entries of the user database.

    Only root may become another user: a skip for a person, a failure in CI.
    """
    if os.geteuid() != 0:
        text = "only root can ask as another user"
        if os.environ.get("CI") == "true":
            raise AssertionError(text)
        raise unittest.SkipTest(text)
    return pwd.getpwnam("daemon"), pwd.getpwnam("games")


def as_user(entry, function, *arguments):
    """What a function returns when a process of that user calls it; its exceptions are ours."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    child = fork.Process(target=_become, args=(theirs, entry, function, arguments))
    child.start()
    theirs.close()
    try:
        result = ours.recv()
    finally:
        child.join()
    if isinstance(result, BaseException):
        raise result
    return result


def _become(pipe, entry, function, arguments):
    try:
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        result = function(*arguments)
    except BaseException as error:
        result = error
    pipe.send(result)
