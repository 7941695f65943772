"""The Graph view: the computational graph of an expression, forward and back step by step."""
