"""The published files that reference tables are made from, and the lock: what of each was accepted last."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from rereferrals.errors import BadInput
from rereferrals.open_data.tabular import WORKBOOK

LOCK = "open_data.csv"
#: Where the files lie, within the folder of reference data.
FILES = "open"


@dataclass(frozen=True)
class Source:
    """A published file: whose it is, where it is, and the date, checksum and length of what was accepted of it.

    `address` is blank for a file that is put together by hand; `fetched` until it is first fetched; `sha256` and
    `bytes` until some content is known to be right.
    """

    name: str
    title: str
    publisher: str
    licence: str
    address: str
    fetched: str
    sha256: str
    bytes: str

    def __post_init__(self) -> None:
        for name, form in (
            ("name", "[a-z][a-z0-9_]*"),
            ("address", "(https?://.+)?"),
            ("fetched", r"(\d{4}-\d\d-\d\d)?"),
            ("sha256", "([0-9a-f]{64})?"),
            ("bytes", r"\d*"),
        ):
            if not re.fullmatch(form, getattr(self, name)):
                raise BadInput(f"{name} is {getattr(self, name)!r}; it should be as {form}")

    @property
    def file(self) -> str:
        """What the file is called here, whatever it is called where it comes from."""
        return self.name + (WORKBOOK if self.address.endswith(WORKBOOK) else ".csv")


COLUMNS = [field.name for field in fields(Source)]


def read(folder: Path) -> dict[str, Source]:
    """The sources of the lock in a folder of reference data, by name; raises BadInput at a row that does not fit."""
    path = folder / LOCK
    found: dict[str, Source] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            place = f"{path}, line {number}"
            if list(row) != COLUMNS or None in row.values():
                raise BadInput(f"{place}: it does not have the cells {', '.join(COLUMNS)}")
            try:
                source = Source(**row)
            except BadInput as error:
                raise BadInput(f"{place}: {error}") from None
            if source.name in found:
                raise BadInput(f"{place}: there is a source {source.name} above it; give it another name")
            found[source.name] = source
    return found


def written(sources: dict[str, Source]) -> bytes:
    """The lock, as it is stored."""
    return table([asdict(source) for source in sources.values()], COLUMNS)


def table(rows: list[dict[str, str]], columns: list[str]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
