"""Which documented systems are there? Each is replayed over every transport."""

from . import laravel, orders

ALL = (laravel.DESCRIPTION, orders.DESCRIPTION)
