"""Which documented systems are there? Each is replayed over every transport."""

from . import better_auth, laravel, orders

ALL = (laravel.DESCRIPTION, better_auth.DESCRIPTION, orders.DESCRIPTION)
