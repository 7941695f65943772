"""The kernels: C sources in ``c/``, built when the package is installed, and what calls them."""
