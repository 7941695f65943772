"""The Playground: a small net on points in the plane, and all that decides how it learns."""
