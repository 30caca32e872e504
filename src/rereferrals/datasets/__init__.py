"""What is published as data: one declaration a data set."""
