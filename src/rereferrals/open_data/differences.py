"""How two versions of a table differ: rows added, removed and changed, told by what tells rows apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rereferrals.open_data.readers import Table

SHOWN = 20


@dataclass(frozen=True)
class Difference:
    """How a table would change: a line for every row, and how many were added, removed and changed."""

    table: str
    lines: tuple[str, ...]
    added: int
    removed: int
    changed: int

    def __bool__(self) -> bool:
        return bool(self.lines)

    def __str__(self) -> str:
        head = f"{self.table}: {self.added} rows added, {self.removed} removed, {self.changed} changed"
        more = [f"  … and {len(self.lines) - SHOWN} more"] if len(self.lines) > SHOWN else []
        return "\n".join([head, *(f"  {line}" for line in self.lines[:SHOWN]), *more])


def difference(name: str, old: Table, new: Table, key: Sequence[str] = ()) -> Difference:
    """The difference of two tables by the columns of a key or, without one, by the first that tell rows apart."""
    key = key or _key(old, new)
    before, after = _keyed(old, key), _keyed(new, key)
    added = [f"+ {_told(row, key)}" for name, row in after.items() if name not in before]
    removed = [f"- {_told(row, key)}" for name, row in before.items() if name not in after]
    changed = [
        f"~ {_told_apart(name)}: {_changes(before[name], row)}"
        for name, row in after.items()
        if name in before and before[name] != row
    ]
    return Difference(name, (*added, *removed, *changed), len(added), len(removed), len(changed))


def _key(old: Table, new: Table) -> list[str]:
    """The fewest first columns that no two rows of either table have alike; all of them if there are none such."""
    columns = list((old or new)[0])
    for width in range(1, len(columns)):
        key = columns[:width]
        if all(len(_keyed(table, key)) == len(table) for table in (old, new)):
            return key
    return columns


def _keyed(table: Table, key: Sequence[str]) -> dict[tuple[str, ...], Mapping[str, str]]:
    return {tuple(row.get(column, "") for column in key): row for row in table}


def _told(row: Mapping[str, str], key: Sequence[str]) -> str:
    others = ", ".join(f"{column} {value}" for column, value in row.items() if column not in key and value)
    return f"{_told_apart([row.get(column, '') for column in key])}: {others}"


def _told_apart(key: Sequence[str]) -> str:
    return " ".join(value for value in key if value)


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    columns = dict.fromkeys([*old, *new])
    return ", ".join(
        f"{column} {old.get(column, '')!r} → {new.get(column, '')!r}"
        for column in columns
        if old.get(column) != new.get(column)
    )
