"""Published files are fetched, compared with what was accepted last, and accepted with the tables made from them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rereferrals.atomic import replace_files
from rereferrals.errors import BadInput
from rereferrals.open_data import tables
from rereferrals.open_data.differences import Difference, difference
from rereferrals.open_data.download import download
from rereferrals.open_data.readers import Table
from rereferrals.open_data.sources import FILES, LOCK, Source, read, table, written
from rereferrals.open_data.tables import Part
from rereferrals.open_data.tabular import rows


@dataclass(frozen=True)
class Outcome:
    """What became of each source, a line each, and what is in question: differences that nobody has accepted."""

    lines: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """What was found of the chosen sources: their files, and which differ from what was accepted."""

    folder: Path
    sources: Mapping[str, Source]
    contents: Mapping[str, bytes]
    staged: Path

    def file(self, name: str) -> Path:
        """The file of a source as it was found now or, if it was not looked for, as it was accepted."""
        new = self.staged / self.sources[name].file
        path = new if new.exists() else self.folder / FILES / self.sources[name].file
        if not path.exists():
            raise BadInput(f"{path} is needed, too, and is not there: fetch {name}")
        return path

    @property
    def parts(self) -> list[Part]:
        """The parts of tables that sources make."""
        return tables.parts(self.folder, self.sources)

    @property
    def changed(self) -> list[str]:
        """The sources whose content is not what was accepted, or that nothing was accepted of."""
        return [name for name, content in self.contents.items() if _digest(content) != self.sources[name].sha256]


def fetch(folder: Path, names: Collection[str], accept: bool, today: date) -> Outcome:
    """Fetch sources, by default all, into a folder of reference data.

    A source is kept if it is as accepted, or if nothing was accepted of it and tables stay as they are. One that
    differs, or that changes a table, is left as it was and is in question; with `accept` its file, its row of the lock
    and the tables made from it are replaced together. Raises BadInput if something cannot be fetched or read.
    """
    sources = read(folder)
    chosen = _chosen(sources, names, folder)
    with tempfile.TemporaryDirectory() as scratch:
        contents = {source.name: _content(source, folder) for source in chosen}
        for name, content in contents.items():
            (Path(scratch) / sources[name].file).write_bytes(content)
        found = _Found(folder, sources, contents, Path(scratch))
        made = [(part, part.make(found.file)) for part in found.parts if part.sources & set(found.changed)]
        questions = {name: _questions(found, name, made) for name in contents}
        kept = [name for name in contents if accept or not questions[name]]
        _keep(found, kept, made if accept else [], today)
    return Outcome(
        tuple(_line(found, name, kept, bool(questions[name])) for name in contents),
        tuple(dict.fromkeys(text for name in contents if name not in kept for text in questions[name])),
    )


def check(folder: Path, names: Collection[str]) -> Outcome:
    """Compare the files that are there with the lock, and tables with what those files make; nothing is fetched."""
    sources = read(folder)
    chosen = _named(sources, names)
    there = {source.name: path for source in chosen if (path := folder / FILES / source.file).exists()}
    found = _Found(folder, sources, {name: path.read_bytes() for name, path in there.items()}, folder / FILES)
    questions = [f"{there[name]} is not what was accepted: remove it, and fetch it again" for name in found.changed]
    made = [(part, part.make(found.file)) for part in found.parts if part.sources <= set(there)]
    questions += [str(diff) for part, rows_made in made if (diff := _of_part(folder, part, rows_made))]
    absent = [f"{source.name}: is not there" for source in chosen if source.name not in there]
    right = [f"{name}: is as accepted" for name in there if name not in found.changed]
    return Outcome((*right, *absent), tuple(questions))


def _named(sources: Mapping[str, Source], names: Collection[str]) -> list[Source]:
    if unknown := sorted(set(names) - set(sources)):
        raise BadInput(f"there is no source {unknown[0]} in {LOCK}; choose among {', '.join(sources)}")
    return [source for source in sources.values() if not names or source.name in names]


def _chosen(sources: Mapping[str, Source], names: Collection[str], folder: Path) -> list[Source]:
    """The sources named or, without names, all that have an address or were put there by hand."""
    chosen = _named(sources, names)
    return [source for source in chosen if names or source.address or (folder / FILES / source.file).exists()]


def _content(source: Source, folder: Path) -> bytes:
    if source.address:
        return download(source)
    path = folder / FILES / source.file
    if not path.exists():
        raise BadInput(f"{source.name} has no address, as it is put together by hand: put it at {path}")
    return path.read_bytes()


def _questions(found: _Found, name: str, made: list[tuple[Part, Table]]) -> list[str]:
    """What differs by a source from what was accepted: its own rows, and those of tables made from it."""
    if name not in found.changed:
        return []
    own = _of_source(found, name) if found.sources[name].sha256 else []
    of_tables = [_of_part(found.folder, part, made_rows) for part, made_rows in made if name in part.sources]
    return [*own, *(str(table) for table in of_tables if table)]


def _of_source(found: _Found, name: str) -> list[str]:
    source = found.sources[name]
    old = found.folder / FILES / source.file
    if not old.exists() or _digest(old.read_bytes()) != source.sha256:
        return [
            f"{source.file}: what was accepted on {source.fetched or 'another day'} is not there to compare it with"
        ]
    sheets = [_of_sheet(source.file, sheet, old, found.file(name)) for sheet in tables.sheets(found.folder, name)]
    return [str(sheet) for sheet in sheets if sheet] or [f"{source.file}: it differs in nothing that is read"]


def _of_sheet(file: str, sheet: str, old: Path, new: Path) -> Difference:
    before, after = ([row.cells for row in rows(path, sheet)] for path in (old, new))
    return difference(f"{file}, {sheet}" if sheet else file, before, after)


def _of_part(folder: Path, part: Part, made: Table) -> Difference | None:
    """What a part would change in its table, if it is for one."""
    if not part.table:
        return None
    old = [row for row in tables.stored(folder / part.table) if part.holds(row)]
    return difference(part.table, old, made, tables.KEYS[part.table])


def _keep(found: _Found, kept: list[str], made: list[tuple[Part, Table]], today: date) -> None:
    """Replace the files of sources, tables and the lock; the lock last, as until then nothing is accepted."""
    new: dict[str, Table] = {}
    for part, made_rows in made:
        if part.table:
            old = new.get(part.table) or tables.stored(found.folder / part.table)
            new[part.table] = tables.merged(part.table, old, part, made_rows)
    locked = {name: _locked(found, name, today) if name in kept else source for name, source in found.sources.items()}
    replace_files(
        {found.folder / FILES / found.sources[name].file: found.contents[name] for name in kept}
        | {found.folder / name: table(rows_now, list(tables.COLUMNS[name])) for name, rows_now in new.items()}
        | {found.folder / LOCK: written(locked)}
    )


def _locked(found: _Found, name: str, today: date) -> Source:
    """The row of the lock for what was found; as it was, if that was accepted on another day."""
    source, content = found.sources[name], found.contents[name]
    if source.fetched and name not in found.changed:
        return source
    return replace(source, fetched=today.isoformat(), sha256=_digest(content), bytes=str(len(content)))


def _line(found: _Found, name: str, kept: list[str], questioned: bool) -> str:
    if name not in kept:
        return f"{name}: differs from what was accepted, and was left as it was"
    if name not in found.changed:
        return f"{name}: is as accepted"
    return f"{name}: accepted" if questioned else f"{name}: fetched for the first time"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
