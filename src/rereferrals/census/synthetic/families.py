"""The histories of authorities: of one for itself, or of those that succeed one another together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import feather

from rereferrals.census.synthetic.history import Pool, refer
from rereferrals.census.synthetic.journeys import Columns, characteristics, cut_short, journeys
from rereferrals.census.synthetic.targets import Target, parameters

Targets = Mapping[tuple[str, int], Target]
Codes = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Histories:
    """All that happened to some families' children.

    children: `number` within the family, `birth`, `registered_by` (the authority that first knew the child), and
    `characteristics`. referrals: columns of `journeys`, by child and day; `child` is the row among children. homes: the
    authority that has each child, from each year on in which that changed for some.
    """

    children: Columns
    referrals: Columns
    homes: dict[int, Codes]

    def home(self, year: int) -> Codes:
        """The authority that has each child in a year."""
        return self.homes[max(y for y in self.homes if y <= year)]

    @classmethod
    def join(cls, parts: Sequence[Histories]) -> Histories:
        """The histories of several families."""
        sizes = [len(part.children["number"]) for part in parts]
        starts = np.cumsum([0, *sizes[:-1]]).astype(np.int32)
        shifted = [p.referrals | {"child": p.referrals["child"] + s} for p, s in zip(parts, starts, strict=True)]
        years = sorted({year for part in parts for year in part.homes})
        homes = {year: np.concatenate([part.home(year) for part in parts]) for year in years}
        return cls(_joined([part.children for part in parts]), _joined(shifted), homes)

    def save(self, folder: Path) -> None:
        """Write the columns so that `load` need not copy them."""
        folder.mkdir(parents=True)
        homes = {str(year): home for year, home in self.homes.items()}
        for name, columns in (("children", self.children), ("referrals", self.referrals), ("homes", homes)):
            feather.write_feather(pa.table(columns), folder / f"{name}.arrow", compression="uncompressed")

    @classmethod
    def load(cls, folder: Path) -> Histories:
        """Read what `save` wrote."""
        children, referrals, homes = (_read(folder / f"{name}.arrow") for name in ("children", "referrals", "homes"))
        return cls(children, referrals, {int(year): home for year, home in homes.items()})


def simulate(codes: Sequence[str], years: Sequence[int], targets: Targets, seed: int) -> Histories:
    """Simulate the authorities `codes` of one family through `years`.

    Every draw depends on the seed, the authority and the year alone, so the histories up to a year are the same however
    many years follow.
    """
    pools: dict[str, Pool] = {}
    children: list[Columns] = []
    referrals: list[Columns] = []
    homes: dict[int, Codes] = {years[0]: np.empty(0, np.int16)}
    for year in years:
        present = [code for code in sorted(codes) if (code, year) in targets]
        gone = [code for code in pools if code not in present]
        if gone:
            homes[year] = _successors(gone, homes[max(homes)], year, seed)
            pools = _inherited(pools, gone, homes[year])
        for code in present:
            rng = np.random.default_rng([seed, int(code), year])
            target, next_number = targets[code, year], len(homes[max(homes)])
            seen, pools[code] = refer(rng, pools.get(code, Pool.empty()), target, year, next_number)
            new = len(seen.new_births)
            here = np.full(new, int(code), np.int16)
            number = np.arange(next_number, next_number + new, dtype=np.int32)
            known: Columns = {"number": number, "birth": seen.new_births, "registered_by": here}
            children.append(known | characteristics(rng, new))
            referrals.append(journeys(rng, seen, target, year))
            homes = {y: np.append(home, here) for y, home in homes.items()}
    by_year = _joined(referrals)
    order = np.lexsort((by_year["day"], by_year["child"]))
    return Histories(_joined(children), cut_short({name: column[order] for name, column in by_year.items()}), homes)


def _successors(gone: Sequence[str], home: Codes, year: int, seed: int) -> Codes:
    """Where each child is once the authorities that are `gone` have shared theirs out."""
    new_home = home.copy()
    for code in gone:
        shares: dict[str, float] = parameters()["succession"][code]
        moving = home == int(code)
        rng = np.random.default_rng([seed, int(code), year])
        chosen = np.searchsorted(np.cumsum(list(shares.values()))[:-1], rng.random(int(moving.sum())))
        new_home[moving] = np.array(list(shares), dtype=np.int16)[chosen]
    return new_home


def _inherited(pools: Mapping[str, Pool], gone: Sequence[str], home: Codes) -> dict[str, Pool]:
    moving = Pool.join([pools[code] for code in gone])
    staying = {code: pool for code, pool in pools.items() if code not in gone}
    received = {str(code): moving[home[moving.child] == code] for code in np.unique(home[moving.child])}
    return {code: Pool.join([p[code] for p in (staying, received) if code in p]) for code in {**staying, **received}}


def _joined(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _read(path: Path) -> Columns:
    table = feather.read_table(path, memory_map=True)
    return {name: table[name].to_numpy() for name in table.column_names}
