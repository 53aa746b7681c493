"""Which TCP port on loopback is free?"""

import socket


def free_port():
    """A port nobody listens on. Bound to 0 first, so the kernel chooses and does not repeat soon."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def accepts(port):
    """True once something answers a connection on the port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
