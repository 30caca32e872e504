"""Checks on a release for those who publish and review it."""
