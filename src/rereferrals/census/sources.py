"""Which files are returns: XML, zips of XML, and tables of the schema as CSV or parquet; and which come beside them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rereferrals.census import safety
from rereferrals.census.safety import Faults, shown
from rereferrals.census.schema import INPUTS, TABLES
from rereferrals.errors import BadInput
from rereferrals.restricted import MANIFEST, WORKED_OUT

XML, ZIP, FLAT = ".xml", ".zip", (".csv", ".parquet")
RETURN_TABLES, INPUT_TABLES = ({table.name for table in tables} for tables in (TABLES, INPUTS))


@dataclass
class Sources:
    """Returns by kind: XML as (path, name to show), and folders of tables as folder → table name → path.

    `inputs` are what comes beside them, as table name → paths.
    """

    xml: list[tuple[Path, str]] = field(default_factory=list)
    tables: dict[Path, dict[str, Path]] = field(default_factory=lambda: defaultdict(dict))
    inputs: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))


def find(paths: Sequence[Path], scratch: Path, faults: Faults) -> Sources:
    """Find the returns in files and folders, each file once; zips are unpacked into `scratch`."""
    found = Sources()
    seen: set[Path] = set()
    for path in paths:
        with faults:
            before = len(seen)
            for file in _files(path):
                if file.resolve() not in seen and _take(file, found, scratch, faults):
                    seen.add(file.resolve())
                elif path == file and file.resolve() not in seen:
                    raise BadInput(
                        f"{shown(path)} is not a return: give .xml, .zip, or tables of the census as .csv or .parquet"
                    )
            if len(seen) == before and not any(file.resolve() in seen for file in _files(path)):
                raise BadInput(
                    f"there is no return in {shown(path)}: give a folder that holds .xml, .zip, .csv or .parquet"
                )
    return found


def _files(path: Path) -> Iterator[Path]:
    """A file, or all files of a folder in order of name, but not hidden ones, nor what was worked out from a store."""
    if path.is_file():
        yield path
    elif path.is_dir():
        for folder, folders, names in os.walk(path):
            no_returns = WORKED_OUT if MANIFEST in names else ()
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in no_returns)
            yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))
    else:
        raise BadInput(f"there is no file or folder {shown(path)}: check the path")


def _take(file: Path, found: Sources, scratch: Path, faults: Faults) -> bool:
    """Take a file in as what its name says it is; whether it is anything."""
    kind = file.suffix.lower()
    if kind == XML:
        found.xml.append((file, shown(file)))
    elif kind == ZIP:
        folder = scratch / "zip" / str(len(found.xml))
        folder.mkdir(parents=True)
        with faults:
            found.xml += [(path, name) for name, path in safety.unpacked(file, shown(file), folder)]
    elif kind in FLAT and file.stem in INPUT_TABLES:
        found.inputs[file.stem].append(file)
    elif kind in FLAT and file.stem in RETURN_TABLES:
        tables = found.tables[file.parent]
        if file.stem in tables:
            faults.add(f"{shown(file)}: {shown(tables[file.stem])} is the same table; keep one of them")
        tables[file.stem] = file
    else:
        return False
    return True
