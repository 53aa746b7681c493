"""What do all tests about system 2, the guests of a hotel, share?"""

from .case_file import Keys
from .system import CONFORMANCE, Description

PATH = "/api/guest/hotel/{}/chat/pusher/auth"
CHANNEL = "private-hotel-grand-hotel-guest-chat-booking-BK-2025-ABC123"

DESCRIPTION = Description(
    name="hotel-guest",
    cases=CONFORMANCE / "hotel-guest.cases",
    template=CONFORMANCE / "hotel-guest.conf",
    keys=Keys("hotel-key", "hotel-secret", None),
    migrations=("hotel",),
    rows=(CONFORMANCE / "hotel-guest.sql",),
    paths=(PATH.format("grand-hotel"), PATH.format("seaside")))
