"""Fixtures that start the real servers around castgate, and the checks tests make with them.

Only the Python standard library is used. Every server is private: its files live in a directory that
is removed afterwards, it listens on a UNIX socket or a free loopback port, and it ends with the test.
"""
