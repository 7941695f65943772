"""The names of the two books as thin adapters over the core; ``names.py`` lists them."""
