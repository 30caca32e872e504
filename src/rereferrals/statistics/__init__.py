"""The only computation on true values, and the only maker of published ones."""
