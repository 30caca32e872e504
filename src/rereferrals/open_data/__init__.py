"""Data that others publish: where it comes from, how it is read, and what is made of it."""
