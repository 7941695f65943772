"""The runs of a directory, compared."""
