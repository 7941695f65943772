"""Sweeps: many runs with drawn settings, in a folder or a database, and the best of them."""
