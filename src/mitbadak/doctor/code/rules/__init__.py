"""The rules of the static reader, one function each."""
