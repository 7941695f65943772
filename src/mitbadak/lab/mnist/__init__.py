"""MNIST live: a net that learns to read the real digits, and all that shows how."""
