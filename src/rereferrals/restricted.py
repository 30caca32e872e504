"""The restricted side: the census store, and what is worked out from it.

A census store is a folder of `<year>/<table>.parquet`, one file per collection year and table of the return, with
`persons.parquet` (who is who, from `census.linkage`), `read_report.csv`, and `store.json`, which lists its returns.
What comes beside the returns (`INPUTS` of the schema) has such a file in the years that it was given for.
What was worked out from it is kept in it too (see `counting`): units under `units/<year>` of the release, those made
of some years' returns at a time under `units/parts`, true counts under `counts/<year>`, and under `steps` what each was
made from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rereferrals.build import file_digest
from rereferrals.errors import BadInput

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis import BaseBackend

MANIFEST = "store.json"
#: Folders of what was worked out from a store.
WORKED_OUT = ("units", "counts", "steps")
PERSONS = "persons.parquet"
#: The software that a return names as its maker where it was made up.
MADE_UP = "synthetic"


@dataclass(frozen=True, order=True)
class StoredReturn:
    """One authority's return of one collection year, as it was read."""

    collection_year: int
    lea: str
    source: str
    sha256: str
    children: int
    groups: int


@dataclass(frozen=True)
class CensusStore:
    """A census store on disk, opened for reading."""

    path: Path
    returns: tuple[StoredReturn, ...]

    @classmethod
    def open(cls, path: Path) -> CensusStore:
        """Open a store; raises BadInput if the folder holds none."""
        manifest = path / MANIFEST
        if not manifest.exists():
            raise BadInput(
                f"{path} is not a census store (no {MANIFEST}): "
                "make one with 'rereferrals ingest' or 'rereferrals synthesise'"
            )
        rows = json.loads(manifest.read_text(encoding="utf-8"))["returns"]
        return cls(path, tuple(StoredReturn(**row) for row in rows))

    @property
    def years(self) -> tuple[int, ...]:
        """The collection years that have a return, in order."""
        return tuple(sorted({r.collection_year for r in self.returns}))

    @property
    def digest(self) -> str:
        """A hash of all content: that of the manifest, which holds the hash of every file."""
        return file_digest(self.path / MANIFEST)

    @property
    def is_made_up(self) -> bool:
        """Whether any return in the store comes from the synthetic census, and so is of no real child."""
        import pyarrow.parquet as pq

        files = (self.path / str(year) / "returns.parquet" for year in self.years)
        return any(MADE_UP in pq.read_table(file, columns=["software_code"])[0].to_pylist() for file in files)

    def input_years(self, name: str) -> tuple[int, ...]:
        """The collection years for which the store has this input, in order."""
        folders = (file.parent.name for file in self.path.glob(f"*/{name}.parquet"))
        return tuple(sorted(int(folder) for folder in folders if folder.isdigit()))

    def table(
        self,
        connection: BaseBackend,
        name: str,
        years: tuple[int, ...] | None = None,
        types: Mapping[str, str] | None = None,
    ) -> ir.Table:
        """A table of the schema over all collection years, or those given.

        `types` are the columns of an input, which has no rows for years that it was not given for.
        """
        wanted = years or self.years
        if types is not None:
            wanted = tuple(year for year in self.input_years(name) if year in wanted)
            if not wanted:
                import ibis

                return ibis.memtable(ibis.schema(types).to_pyarrow().empty_table())
        paths = [self.path / str(year) / f"{name}.parquet" for year in wanted]
        return connection.read_parquet([str(path.resolve()) for path in paths])

    def persons(self, connection: BaseBackend) -> ir.Table:
        """Who is who: see `census.linkage`."""
        return connection.read_parquet(str((self.path / PERSONS).resolve()))


def write_manifest(folder: Path, returns: list[StoredReturn]) -> None:
    """Complete a store: list its returns, and every other file with its hash."""
    files = {str(p.relative_to(folder)): file_digest(p) for p in sorted(folder.rglob("*")) if p.is_file()}
    content = {"format": 1, "returns": [asdict(r) for r in sorted(returns)], "files": files}
    (folder / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
