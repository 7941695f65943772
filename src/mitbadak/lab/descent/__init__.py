"""Descent: several optimizers on one surface, and a prediction before they run."""
