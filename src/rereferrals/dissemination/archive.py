"""Everything of a release in one ZIP file, laid out as the publishing platform's *download all* is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rereferrals.dissemination import ees, formats, zipped
from rereferrals.dissemination.guidance import Block, as_text
from rereferrals.errors import BadInput
from rereferrals.model import DataSet
from rereferrals.release import Release

DATA, SPREADSHEETS, GUIDANCE = "data", "supporting-files", "data-guidance/data-guidance.txt"


def write(path: Path, folder: Path, data_sets: Sequence[DataSet], release: Release, told: Sequence[Block]) -> None:
    """Write the data files, metadata files and spreadsheets of these data sets, which are in `folder`, and the data
    guidance, of which `told` are the blocks, to one ZIP file; members are in order of name.

    Raises BadInput if a file is missing.
    """
    members = {GUIDANCE: guidance_text(release, told).encode()}
    for data_set in data_sets:
        spreadsheet, _ = formats.paths(folder, data_set, release)
        files = dict.fromkeys(ees.paths(folder, data_set, release), DATA) | {spreadsheet: SPREADSHEETS}
        for file, where in files.items():
            if not file.exists():
                raise BadInput(f"{file} does not exist: build the release, or name the folder of its data files")
            members[f"{where}/{file.name}"] = file.read_bytes()
    zipped.write(path, dict(sorted(members.items())))


def guidance_text(release: Release, told: Sequence[Block]) -> str:
    """The data guidance of a release as plain text."""
    return as_text(f"Data guidance: {release.title}, {release.year}", told)
