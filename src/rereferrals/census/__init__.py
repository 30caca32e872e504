"""What comes in: the census return, read, checked, linked, or made up."""
