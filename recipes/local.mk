# The recipes: one file for each documented system, and a worked one.
recipesdir = $(datadir)/castgate/recipes
dist_recipes_DATA = \
	recipes/better-auth.conf \
	recipes/custom-orders.conf \
	recipes/hotel-guest.conf \
	recipes/laravel-reverb.conf \
	recipes/nextjs-sockudo.conf \
	recipes/supabase-bridge.conf
