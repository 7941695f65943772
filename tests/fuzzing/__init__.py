"""Readers of files from strangers, what strangers might send, and what counts as wrong."""
