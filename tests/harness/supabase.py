"""What do all tests about system 4 as it is documented share: tables, rows and paths?"""

from .case_file import Keys
from .system import CONFORMANCE, Description

DESCRIPTION = Description(
    name="supabase-bridge",
    cases=CONFORMANCE / "supabase-bridge.cases",
    template=CONFORMANCE / "supabase-bridge.conf",
    keys=Keys("", "", b""),
    migrations=("supabase",),
    rows=(CONFORMANCE / "supabase-bridge.sql",),
    paths=("/api/auth/session/bridge", "/api/auth/session/refresh", "/api/auth/session/logout",
           "/api/auth/sessions", "/.well-known/jwks.json", "/auth/session"))
