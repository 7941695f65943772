"""Trials: remedies applied to a copy of the training, to see whether they help."""
