"""Faults that a user can mend, each with the exit status that tells a script what kind it was."""

from __future__ import annotations


class ReleaseError(Exception):
    """A fault with a remedy. The message names the file or figure, the place and what to do."""

    exit_status = 1


class BadInput(ReleaseError):  # noqa: N818 - the name says what is to be mended
    """Something given to the program cannot be used: a return, a store, a release file."""

    exit_status = 2


class DisclosureError(ReleaseError):
    """A value that must not be published would have been."""

    exit_status = 3


class QualityError(ReleaseError):
    """A check on the release failed: an untrue sentence, a figure that does not reproduce."""

    exit_status = 5
