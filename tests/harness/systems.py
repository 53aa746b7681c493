"""Which documented systems are there? Each is replayed over every transport."""

from . import better_auth, hotel, laravel, nextjs, orders

ALL = (laravel.DESCRIPTION, nextjs.DESCRIPTION, hotel.DESCRIPTION, better_auth.DESCRIPTION,
       orders.DESCRIPTION)
