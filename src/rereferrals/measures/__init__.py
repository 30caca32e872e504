"""What is counted: indicators and filters, each defined once."""
