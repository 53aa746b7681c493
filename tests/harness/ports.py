"""Which TCP port on loopback is free?"""

import pathlib
import random
import socket


_reservations = []


def free_port():
    """A port nobody listens on, below those that the kernel gives to outgoing connections. No other test
    is given it while this one runs: who has bound the abstract socket of that name has the port."""
    lowest = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.choice(range(max(1024, lowest - 16000), lowest) or range(16000, 32000))
        reservation = socket.socket(socket.AF_UNIX)
        try:
            reservation.bind(f"\0castgate-test-port-{port}")
        except OSError:
            reservation.close()
            continue
        # kept also where somebody else has the port, so that nobody tries it again
        _reservations.append(reservation)
        if port_is_free(port):
            return port


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
