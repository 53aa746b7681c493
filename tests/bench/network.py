"""How does the benchmark get a queue of connections that is long enough for a storm, and leave the machine's alone?"""

import ctypes
import fcntl
import os
import pathlib
import socket
import struct

# All of a storm's users may wait in it at once.
QUEUE = 16384
_LIMITS = ("net/core/somaxconn", "net/ipv4/tcp_max_syn_backlog")
_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40


def own_network():
    """Give this process and what it starts a network of their own, which has loopback and nothing else, and
    a queue of QUEUE connections for whoever listens; before any thread is started. Why it could not be
    done, or None."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        return os.strerror(ctypes.get_errno())
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP | _IFF_RUNNING))
    for name in _LIMITS:
        try:
            pathlib.Path("/proc/sys", name).write_text(str(QUEUE))
        except OSError as error:
            return f"{name}: {error.strerror}"
    return None
