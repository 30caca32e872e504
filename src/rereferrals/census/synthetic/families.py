"""The histories of a family of authorities: one authority, or those that succeed one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import feather

from rereferrals.census.synthetic.history import Pool, refer
from rereferrals.census.synthetic.journeys import Columns, characteristics, cut_short, journeys
from rereferrals.census.synthetic.targets import Target, parameters

Targets = Mapping[tuple[str, int], Target]


@dataclass(frozen=True)
class Family:
    """All that happened to a family's children.

    children: columns by child number. referrals: columns of `journeys`, by child and day. homes: the authority that
    has each child, by child number, from each year on in which that changed.
    """

    children: Columns
    referrals: Columns
    homes: dict[int, npt.NDArray[Any]]

    def home(self, year: int) -> npt.NDArray[Any]:
        """The code of the authority that has each child in a year, by child number."""
        return self.homes[max(y for y in self.homes if y <= year)]

    def save(self, folder: Path) -> None:
        """Write the family's columns so that `load` need not copy them."""
        homes = {str(year): home for year, home in self.homes.items()}
        for name, columns in (("children", self.children), ("referrals", self.referrals), ("homes", homes)):
            feather.write_feather(pa.table(columns), folder / f"{name}.arrow", compression="uncompressed")

    @classmethod
    def load(cls, folder: Path) -> Family:
        """Read what `save` wrote."""
        children, referrals, homes = (_read(folder / f"{name}.arrow") for name in ("children", "referrals", "homes"))
        return cls(children, referrals, {int(year): home for year, home in homes.items()})


def simulate(codes: Sequence[str], years: Sequence[int], targets: Targets, seed: int) -> Family:
    """Simulate the authorities `codes` of one family through `years`; draws depend on seed, authority and year."""
    pools: dict[str, Pool] = {}
    children: list[Columns] = []
    referrals: list[Columns] = []
    homes = {years[0]: np.empty(0, np.int16)}
    for year in years:
        present = [code for code in sorted(codes) if (code, year) in targets]
        gone = [code for code in pools if code not in present]
        if gone:
            homes[year] = _successors(gone, homes[max(homes)], year, seed)
            pools = _inherited(pools, gone, homes[year])
        for code in present:
            rng = np.random.default_rng([seed, int(code), year])
            target, number = targets[code, year], len(homes[max(homes)])
            seen, pools[code] = refer(rng, pools.get(code, Pool.empty()), target, year, number)
            new = seen.new_children
            here = np.full(len(new), int(code), np.int16)
            children.append({"birth": new.birth, "registered_by": here, **characteristics(rng, len(new))})
            referrals.append(journeys(rng, seen, target, year))
            homes = {y: np.append(home, here) for y, home in homes.items()}
    in_order = _joined(referrals)
    order = np.lexsort((in_order["day"], in_order["child"]))
    return Family(_joined(children), cut_short({name: column[order] for name, column in in_order.items()}), homes)


def _successors(gone: Sequence[str], home: npt.NDArray[Any], year: int, seed: int) -> npt.NDArray[Any]:
    """Where each child is once the authorities that are `gone` have shared theirs out."""
    new_home = home.copy()
    for code in gone:
        shares: dict[str, float] = parameters()["succession"][code]
        moving = home == int(code)
        rng = np.random.default_rng([seed, int(code), year])
        chosen = np.searchsorted(np.cumsum(list(shares.values()))[:-1], rng.random(int(moving.sum())))
        new_home[moving] = np.array(list(shares), dtype=np.int16)[chosen]
    return new_home


def _inherited(pools: Mapping[str, Pool], gone: Sequence[str], home: npt.NDArray[Any]) -> dict[str, Pool]:
    moving = Pool.join([pools[code] for code in gone])
    staying = {code: pool for code, pool in pools.items() if code not in gone}
    received = {str(code): moving[home[moving.child] == code] for code in np.unique(home[moving.child])}
    return {code: Pool.join([p[code] for p in (staying, received) if code in p]) for code in {**staying, **received}}


def _joined(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _read(path: Path) -> Columns:
    table = feather.read_table(path, memory_map=True)
    return {name: table[name].to_numpy() for name in table.column_names}
