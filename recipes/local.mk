# The recipes: one file for each documented system, and a worked one.
recipesdir = $(datadir)/castgate/recipes
dist_recipes_DATA = \
	recipes/better-auth.conf \
	recipes/custom-orders.conf \
	recipes/hotel-guest.conf \
	recipes/hotel-guest.expect \
	recipes/laravel-reverb.conf \
	recipes/laravel-reverb.expect \
	recipes/laravel-reverb.fixtures.sql \
	recipes/nextjs-sockudo.conf \
	recipes/nextjs-sockudo.expect \
	recipes/nextjs-sockudo.fixtures.sql \
	recipes/supabase-bridge.conf
