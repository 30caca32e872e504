"""What is said and drawn: claims and charts, a module a chapter."""
