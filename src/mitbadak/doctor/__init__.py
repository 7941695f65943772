"""The doctor: why a net does not learn, and the cure proven."""
