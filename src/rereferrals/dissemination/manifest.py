"""The hashes by which anyone can check that a copy of the release is the one that was published."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

NAME = "manifest.json"


def fingerprint(folder: Path) -> str:
    """One hash of all data files of a release, which its pages can show.

    It is that of the list which `LC_ALL=C sha256sum *` prints in their folder, so that no program of ours is needed.
    """
    lines = (f"{digest}  {name}\n" for name, digest in hashes(folder).items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def write(pages: Path, title: str, data: str) -> Path:
    """Write the hash of every file of the site into it; `data` is the fingerprint of its data files."""
    manifest = {"title": title, "data": data, "files": hashes(pages)}
    path = pages / NAME
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def hashes(folder: Path) -> dict[str, str]:
    """File, relative to the folder → its SHA-256; in the order of their names as bytes."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: _sha256(files[name]) for name in sorted(files, key=str.encode)}


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
