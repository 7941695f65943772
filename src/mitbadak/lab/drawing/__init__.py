"""The drawing pad: what a net sees in a digit that somebody draws, and what breaks it."""
