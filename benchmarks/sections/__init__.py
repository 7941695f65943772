"""The parts of the suite; each module ends in its ``SECTION``."""
