"""Kernels compiled for speed, proven equal to the NumPy they stand in for. Needs Numba."""
