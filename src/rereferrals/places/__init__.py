"""Figures on places that follow from published figures and from what is known of areas."""
