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


def port_is_free(port):
    """True when we could listen on the port."""
    with socket.socket() as listener:
        # A connection that has ended lingers for a minute and keeps nobody from listening.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
