"""Figures on areas, from figures that are published and reference data: no true count is at hand here."""
