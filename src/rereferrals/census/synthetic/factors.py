"""Which factors assessments find (M16): by status and year as published, and more of those that go with a need."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from rereferrals import reference
from rereferrals.census.synthetic.children import Floats, Mask
from rereferrals.census.synthetic.codes import codes, shares, valid
from rereferrals.census.synthetic.outcomes import Kinds
from rereferrals.census.synthetic.quotas import Quota
from rereferrals.census.synthetic.shares import LEVELS, STATUSES, table
from rereferrals.census.synthetic.targets import parameters

Bits = npt.NDArray[np.uint64]
GANGS = "Gangs"
NONE, OTHER = "21", "20"
MOST_LIKELY = 0.95


@cache
def groups() -> dict[str, tuple[str, ...]]:
    """The codes of each published group of factors."""
    found: dict[str, tuple[str, ...]] = {c.label: () for c in reference.code_set("d1_factor_group")}
    for code in reference.code_set("assessment_factor"):
        for name in found:
            if f"d1={name}" in (note.strip() for note in code.notes.split(";")):
                found[name] = (*found[name], code.code)
    return found


def draw_factors(
    rng: np.random.Generator, status: Kinds, level: Kinds, need: Kinds, age: Floats, assessed: Mask, known: Mask,
    quota: Quota, year: int,
) -> Bits:  # fmt: skip
    """The set of factors of each referral: none, if nothing was assessed, or the code that says that there are none.

    level is the highest level of intervention; age in years. `known` are children whom every return shows to be the
    same: the number of those with gangs is given by the quota, and only they have them.
    """
    recorded = _recorded(rng, status, level, assessed, year)
    found = np.where(assessed & ~recorded, _bit(NONE), np.uint64(0))
    usable = valid("assessment_factor", year)
    for name, of_group in groups().items():
        if not any(usable[codes("assessment_factor").index(code)] for code in of_group):
            continue
        weight = _weight(name, level, need, age)
        if name == GANGS and quota.gangs is not None:
            has = _exactly(rng, status, np.where(recorded & known, weight, 0), quota.gangs)
        else:
            chance = _chances(status, recorded, weight, table("factor", (name,), year)[:, 0])
            has = recorded & (rng.random(len(status)) < chance)
        found[has] |= _variants(rng, int(has.sum()), of_group, year)
    also = recorded & (rng.random(len(status)) < parameters()["factor"]["other"])
    return np.where((recorded & (found == 0)) | also, found | _bit(OTHER), found)


def fewer(rng: np.random.Generator, found: Bits) -> Bits:
    """Sets of some of the same factors, for a later assessment."""
    kept = found & rng.integers(0, 2**63, len(found), dtype=np.uint64) | (
        found & rng.integers(0, 2**63, len(found), dtype=np.uint64)
    )
    return np.where(kept == 0, found, kept)


def _recorded(rng: np.random.Generator, status: Kinds, level: Kinds, assessed: Mask, year: int) -> Mask:
    """Whose assessment names a factor: of all of a status the share that is published."""
    wanted = table("coverage", ("recorded",), year)[:, 0]
    reached = table("level", LEVELS, year)[:, 1:].sum(axis=1)
    share = parameters()["factor"]
    weight = np.where(level == 2, share["recorded_not_in_need"], 1.0)
    chance = _chances(status, assessed, weight, np.minimum(wanted / reached / share["assessed"], 1.0))
    return np.asarray(assessed & (rng.random(len(status)) < chance))


def _chances(status: Kinds, among: Mask, weight: Floats, shares_of_status: Floats) -> Floats:
    """Chances in proportion to weights that give those `among` each status its share."""
    chance = np.zeros(len(status))
    for place in range(len(STATUSES)):
        mine = np.flatnonzero((status == place) & among)
        if not len(mine):
            continue
        share, of_mine = shares_of_status[place], weight[mine] * shares_of_status[place] / weight[mine].mean()
        for _ in range(3):
            free = of_mine < MOST_LIKELY
            short = share * len(mine) - np.minimum(of_mine, MOST_LIKELY).sum()
            if short <= 0 or not free.any() or share > MOST_LIKELY:
                break
            of_mine[free] *= 1 + short / of_mine[free].sum()
        chance[mine] = np.minimum(of_mine, MOST_LIKELY) if share <= MOST_LIKELY else share
    return chance


def _exactly(rng: np.random.Generator, status: Kinds, weight: Floats, numbers: tuple[int, ...]) -> Mask:
    chosen = np.zeros(len(status), np.bool_)
    for place, number in enumerate(numbers):
        possible = np.flatnonzero((status == place) & (weight > 0))
        keys = rng.exponential(size=len(possible)) / weight[possible]
        chosen[possible[np.argsort(keys, kind="stable")[:number]]] = True
    return chosen


def _weight(name: str, level: Kinds, need: Kinds, age: Floats) -> Floats:
    """How much more often than others referrals of a level, need and age have a factor."""
    given = parameters()["factor"]
    weight = np.array([1.0, *given["level"].get(name, [1.0] * len(LEVELS))])[level]
    for code, times in given["need"].get(name, {}).items():
        weight = weight * np.where(need == codes("primary_need").index(code), times, 1.0)
    if name in given["of_adolescents"]:
        weight = weight * np.where(age < given["adolescent_from"], given["younger"], 1.0)
    return np.asarray(weight, float)


def _variants(rng: np.random.Generator, size: int, of_group: tuple[str, ...], year: int) -> Bits:
    """Sets of one of a group's codes, and sometimes of another too."""
    if len(of_group) == 1:
        return np.full(size, _bit(of_group[0]))
    usable = [valid("assessment_factor", year)[codes("assessment_factor").index(code)] for code in of_group]
    weight = table("variant", of_group, year)[0] * usable
    if not weight.sum():
        weight = np.array([shares("assessment_factor")[codes("assessment_factor").index(c)] for c in of_group]) * usable
    edges = np.cumsum(weight / weight.sum())[:-1]
    bits = np.array([_bit(code) for code in of_group])
    one, other = (bits[np.searchsorted(edges, rng.random(size))] for _ in range(2))
    return np.where(rng.random(size) < parameters()["factor"]["second_variant"], one | other, one)


def _bit(code: str) -> np.uint64:
    return np.uint64(1) << np.uint64(codes("assessment_factor").index(code))
