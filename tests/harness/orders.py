"""What do all tests about the worked example share? It brings no web server's paths: one mount will do."""

from .case_file import Keys
from .system import CONFORMANCE, Description

DESCRIPTION = Description(
    name="custom-orders",
    cases=CONFORMANCE / "custom-orders.cases",
    template=CONFORMANCE / "custom-orders.conf",
    keys=Keys("orders-key", "orders-secret", b"0123456789abcdef0123456789abcdef"),
    migrations=("orders",),
    rows=(CONFORMANCE / "custom-orders.sql",),
    mounts=("memory",))
