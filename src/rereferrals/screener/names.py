"""The names of the two files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rereferrals.screener.checks import Check, Find, fails
from rereferrals.screener.files import METADATA_ENDING, Files

Name = Callable[[Files], str]


def _spaces(name: Name) -> Find:
    def find(files: Files) -> Iterator[str]:
        if re.search(r"\s", name(files)):
            yield f"the name {name(files)!r} has a blank: write _ in its place"

    return find


def _special(name: Name, ending: str) -> Find:
    def find(files: Files) -> Iterator[str]:
        if re.search(r"[^A-Za-z0-9_\-\s]", name(files).removesuffix(ending)):
            yield f"the name {name(files)!r} has other characters than letters, digits, - and _: leave them out"

    return find


@fails
def filenames_match(files: Files) -> Iterator[str]:
    """The metadata file is called as the data file, ending in .meta.csv."""
    wanted = files.data_name.removesuffix(".csv") + METADATA_ENDING
    if files.metadata_name != wanted:
        yield f"the metadata of {files.data_name} is called {files.metadata_name}: call it {wanted}"


def _data(files: Files) -> str:
    return files.data_name


def _metadata(files: Files) -> str:
    return files.metadata_name


CHECKS = (
    Check("filename_spaces", "The name of the data file has no blank.", _spaces(_data)),
    Check("filename_spaces", "The name of the metadata file has no blank.", _spaces(_metadata)),
    Check("filename_special", "The data file's name is of letters, digits, - and _.", _special(_data, ".csv")),
    Check("filename_special", "So is the metadata file's.", _special(_metadata, METADATA_ENDING)),
    filenames_match,
)
