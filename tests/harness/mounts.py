"""Which ways are there to reach castgate, by name?"""

from .mount_apache import (ApacheCgiBin, ApacheCgid, ApacheExact, ApacheExactCgi, ApacheFcgid,
                           ApacheHtaccess, ApacheHtaccessCgi, ApachePreforkCgi, ApacheProxy,
                           ApacheProxyHtaccess, ApacheProxyReuse)
from .mount_cgi import DirectCgi
from .mount_lighttpd import LighttpdCgi, LighttpdFastcgi, LighttpdSocket
from .mount_memory import Memory
from .mount_nginx import Nginx
from .mount_socket import OwnSocket, Sandboxed, SystemdSocket

# Behind a web server: (site, scratch) makes one.
SERVED = {mount.name: mount for mount in (
    ApacheFcgid, ApacheCgid, ApachePreforkCgi, ApacheProxy, ApacheProxyReuse,
    ApacheHtaccess, ApacheHtaccessCgi, ApacheExact, ApacheExactCgi, ApacheCgiBin,
    ApacheProxyHtaccess, LighttpdFastcgi, LighttpdCgi, LighttpdSocket, Nginx,
    OwnSocket, SystemdSocket, Sandboxed)}

ALL = ("memory", "cgi", *SERVED)


def mount(name, site, scratch):
    """The mount of that name, not yet started."""
    if name == "memory":
        return Memory(site)
    if name == "cgi":
        return DirectCgi(site)
    return SERVED[name](site, scratch)
