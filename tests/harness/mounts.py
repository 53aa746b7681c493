"""Which ways are there to reach castgate, by name?"""

from .mount_apache import (ApacheCgid, ApacheFcgid, ApacheHtaccess, ApacheHtaccessCgi,
                           ApachePreforkCgi)
from .mount_cgi import DirectCgi
from .mount_lighttpd import LighttpdCgi, LighttpdFastcgi
from .mount_memory import Memory
from .mount_socket import OwnSocket, Sandboxed, SystemdSocket

# Behind a web server: (site, scratch) makes one.
SERVED = {mount.name: mount for mount in (
    ApacheFcgid, ApacheHtaccess, ApacheHtaccessCgi, ApacheCgid, ApachePreforkCgi,
    LighttpdFastcgi, LighttpdCgi, OwnSocket, SystemdSocket, Sandboxed)}

ALL = ("memory", "cgi", *SERVED)


def mount(name, site, scratch):
    """The mount of that name, not yet started."""
    if name == "memory":
        return Memory(site)
    if name == "cgi":
        return DirectCgi(site)
    return SERVED[name](site, scratch)
