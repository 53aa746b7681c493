"""Which documented systems are there? Each is replayed over every transport."""

from . import better_auth, hotel, laravel, nextjs, orders, supabase

ALL = (laravel.DESCRIPTION, nextjs.DESCRIPTION, hotel.DESCRIPTION, better_auth.DESCRIPTION,
       supabase.DESCRIPTION, orders.DESCRIPTION)
