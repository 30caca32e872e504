"""The histories of authorities: of one for itself, or of those that succeed one another together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import feather

from rereferrals.census.synthetic.children import TRAITS
from rereferrals.census.synthetic.history import Pool, first_day, last_day, refer
from rereferrals.census.synthetic.journeys import NEVER, Columns, cut_short, followed, journeys, outcomes
from rereferrals.census.synthetic.plans import Register
from rereferrals.census.synthetic.quotas import Quota
from rereferrals.census.synthetic.targets import Target, parameters

Targets = Mapping[tuple[str, int], Target]
Codes = npt.NDArray[np.int16]
AFTER_DATES = 1  # what tells the draws of journeys from those of dates


@dataclass(frozen=True)
class Histories:
    """All that happened to some families' children.

    children: `number` within the family, `birth`, `registered_by` (the authority that first knew the child), and
    `characteristics`. referrals: columns of `journeys`, by child and day; `child` is the row among children and
    `referred_to` the authority. homes: the authority that has each child, from each year on in which that changed.
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

    Every draw depends on the seed, the authority and the year alone, and on what the year after brings. So that is
    simulated too, beyond the last of `years`, and left out again: the histories up to a year are the same however many
    years follow. `targets` holds that year as well.
    """
    children, referrals, homes = _referred(codes, [*years, years[-1] + 1], targets, seed)
    known = followed(referrals, years[-1])
    register = Register(children)
    journeys_of_years = []
    for year in years:
        in_year = (known["day"] >= first_day(year)) & (known["day"] <= last_day(year))
        home = homes[max(y for y in homes if y <= year)]
        for code in _present(codes, year, targets):
            rows = np.flatnonzero(in_year & (known["referred_to"] == int(code)))
            rng = np.random.default_rng([seed, int(code), year, AFTER_DATES])
            here = {name: column[rows] for name, column in known.items()}
            quota = targets[code, year].quota or Quota.empty()
            allowed = register.allowed(here["child"], code, year)
            drawn = outcomes(rng, here, children, quota, year, allowed)
            register.settle(rng, drawn, home == int(code), _unseen(code, targets), quota)
            journeys_of_years.append(journeys(rng, drawn, children, quota, year))
    cases = _by_child_and_day(_joined(journeys_of_years))
    return Histories(children, cut_short(cases, children["dies"][cases["child"]]), homes)


def _referred(
    codes: Sequence[str], years: Sequence[int], targets: Targets, seed: int
) -> tuple[Columns, Columns, dict[int, Codes]]:
    """The children, the days of their referrals with the authority of each, and the homes."""
    pools: dict[str, Pool] = {}
    children: list[Columns] = []
    referrals: list[Columns] = []
    homes: dict[int, Codes] = {years[0]: np.empty(0, np.int16)}
    for year in years:
        present = _present(codes, year, targets)
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
            children.append(known | {name: seen.new_traits[name] for name in TRAITS.names or ()})
            of_case = {name: getattr(seen, name) for name in ("child", "day", "late", "renumbered", "unlinked")}
            referrals.append(of_case | {"referred_to": np.full(len(seen.day), int(code), np.int16)})
            homes = {y: np.append(home, here) for y, home in homes.items()}
    return _joined(children), _by_child_and_day(_joined(referrals)), homes


def _unseen(code: str, targets: Targets) -> tuple[int, int]:
    """The first and the last day of which an authority made no return; a time that never is if it made all."""
    years = [year for (of, year), target in targets.items() if of == code and not target.returned]
    return (first_day(min(years)), last_day(max(years))) if years else (int(NEVER), -int(NEVER))


def _present(codes: Sequence[str], year: int, targets: Targets) -> list[str]:
    return [code for code in sorted(codes) if (code, year) in targets]


def _by_child_and_day(referrals: Columns) -> Columns:
    order = np.lexsort((referrals["day"], referrals["child"]))
    return {name: column[order] for name, column in referrals.items()}


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
