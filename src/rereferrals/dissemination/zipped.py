"""ZIP files whose bytes follow from what they hold: no clock, no owner, no operating system."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

#: The earliest that a ZIP file can say.
DATE = (1980, 1, 1, 0, 0, 0)
READABLE_BY_ALL = 0o644 << 16
UNIX = 3
LEVEL = 6


def write(path: Path, members: Mapping[str, bytes], *, stored: Collection[str] = ()) -> None:
    """Write a ZIP file with these members, by name and in this order; those `stored` are not compressed."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, DATE)
            member.create_system, member.external_attr = UNIX, READABLE_BY_ALL
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            file.writestr(member, content, kind, LEVEL)
