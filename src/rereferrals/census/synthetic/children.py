"""What a child is, and how that bears on its being referred again.

Who comes to be known to an authority changes over the years; a child does not change, but for its age. Children are
referred again within a year more often or more seldom by what they are: each characteristic multiplies the chance by a
weight. What children re-referred are like, and others, follows from the two.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rereferrals import reference
from rereferrals.census.synthetic.codes import codes, draw_code_sets, draw_codes, shares
from rereferrals.census.synthetic.targets import at, parameters

Days = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: `fsm_rank` and `sen_rank` are places between 0 and 1: those below a year's share are eligible for free school meals
#: in that year, or have special educational needs. So both can become more common while children stay in order. Those
#: of whom `dies` is true are not referred after the year in which they become known, and die when their case closes.
TRAITS = np.dtype(
    [
        ("sex", np.int8),
        ("ethnicity", np.int8),
        ("disabilities", np.uint64),
        ("has_upn", np.bool_),
        ("no_upn_reason", np.int8),
        ("fsm_rank", np.float32),
        ("sen_rank", np.float32),
        ("dies", np.bool_),
    ]
)
Traits = npt.NDArray[Any]
DAYS_OF_A_YEAR = 365.25
AGE_BANDS = ("unborn", "under_1", "aged_1_to_4", "aged_5_to_9", "aged_10_and_over")
REFERENCE_BAND = "aged_5_to_9"
BAND_STARTS = np.array([0, 1, 5, 10]) * DAYS_OF_A_YEAR


def draw_traits(rng: np.random.Generator, size: int, year: int) -> Traits:
    """The characteristics of children who become known to an authority in a year."""
    entering = parameters()["entering"]
    traits = np.empty(size, TRAITS)
    traits["sex"] = _sexes(rng, size)
    traits["ethnicity"] = _ethnicities(rng, size, year)
    traits["disabilities"] = np.where(rng.random(size) < entering["disabled"], _disabilities(rng, size), 0)
    traits["has_upn"] = rng.random(size) < parameters()["upn"]["held"]
    traits["no_upn_reason"] = rng.integers(0, 3, size, dtype=np.int8)
    traits["fsm_rank"] = rng.random(size, dtype=np.float32)
    traits["sen_rank"] = rng.random(size, dtype=np.float32)
    traits["dies"] = rng.random(size) < parameters()["deaths"]["of_children"]
    return traits


def draw_ages(rng: np.random.Generator, size: int, year: int) -> Days:
    """Ages in days at a first referral of a year; less than nought before birth."""
    entering, ages = parameters()["entering"], parameters()["first_age"]
    young, small, grown = (at(entering[band], year) for band in ("under_1", "aged_1_to_4", "aged_10_and_over"))
    edges = [0, young * entering["unborn"], young, young + small, 1 - grown, 1 - grown * ages["from_16"], 1]
    return np.asarray(np.interp(rng.random(size), edges, ages["days"]), np.int32)


def return_weight(traits: Traits, birth: Days, year: int, last_day: int) -> Floats:
    """How much more often than others each child of a year is referred again within 365 days."""
    weight = parameters()["return_weight"]
    group = ethnic_groups()[traits["ethnicity"]]
    of_band = {"unborn": weight["under_1"], REFERENCE_BAND: 1} | weight
    product = np.array([_in_year(of_band[band], year) for band in AGE_BANDS])[age_band(birth, last_day)]
    product[traits["sex"] == codes("gender_current").index("9")] *= parameters()["sex"]["unknown_return_weight"]
    for name, mask in (
        ("female", traits["sex"] == codes("gender_current").index("2")),
        ("white", group == WHITE),
        ("asian", group == ASIAN),
        ("disabled", traits["disabilities"] != 0),
        ("fsm", has_free_meals(traits, year)),
        ("sen", has_sen(traits, year)),
    ):
        product[mask] *= _in_year(weight[name], year)
    return np.asarray(product)


def age_band(birth: Days, day: int) -> npt.NDArray[np.intp]:
    """The place of each child's band among AGE_BANDS, by its age on a day."""
    return np.searchsorted(BAND_STARTS, day - birth, side="right")


def is_of_school_age(birth: Days, year: int) -> Mask:
    """Who is of school age in a year: 5 to 15 on the 31 August before its school census (M15)."""
    youngest, eldest = parameters()["school"]["ages"]
    oldest_day, youngest_day = (
        np.datetime64(f"{year - 1 - age:04d}-08-31").astype(int) for age in (eldest + 1, youngest)
    )
    return np.asarray((birth > oldest_day) & (birth <= youngest_day))


def has_free_meals(traits: Any, year: int) -> Mask:
    """Which children would be eligible for free school meals in a year, were they at school."""
    return np.asarray(traits["fsm_rank"] < at(parameters()["school"]["fsm"], year))


def has_sen(traits: Any, year: int) -> Mask:
    """Which children would have special educational needs in a year, were they at school."""
    return np.asarray(traits["sen_rank"] < at(parameters()["school"]["sen"], year))


def has_plan(traits: Any, year: int) -> Mask:
    """Which of those have an education, health and care plan, or had a statement."""
    share = parameters()["school"]["plan_of_sen"]
    return np.asarray(traits["sen_rank"] < share * at(parameters()["school"]["sen"], year))


WHITE, ASIAN, REST = range(3)


@cache
def ethnic_groups() -> npt.NDArray[np.int8]:
    """For each code of ethnicity WHITE, ASIAN, or REST."""
    named = {"group=White": WHITE, "group=Asian/Asian British": ASIAN}
    of_code = {c.code: named.get(c.notes.split(";")[0], REST) for c in reference.code_set("ethnicity")}
    return np.array([of_code[code] for code in codes("ethnicity")], np.int8)


def _in_year(weight: Any, year: int) -> float:
    return at(weight, year) if isinstance(weight, dict) else float(weight)


def _sexes(rng: np.random.Generator, size: int) -> npt.NDArray[np.int8]:
    male, female, unknown = (codes("gender_current").index(code) for code in ("1", "2", "9"))
    drawn = np.where(rng.random(size) < parameters()["entering"]["male"], male, female)
    return np.where(rng.random(size) < parameters()["sex"]["unknown"], unknown, drawn).astype(np.int8)


def _ethnicities(rng: np.random.Generator, size: int, year: int) -> npt.NDArray[np.int8]:
    """Codes drawn by group, and within it by the shares that the parameters give."""
    entering, within, group = parameters()["entering"], shares("ethnicity"), ethnic_groups()
    of_group = np.array([at(entering["white"], year), entering["asian"], 0.0])
    of_group[REST] = 1 - of_group.sum()
    weight = within * (of_group / np.bincount(group, within))[group]
    return np.searchsorted(np.cumsum(weight)[:-1], rng.random(size)).astype(np.int8)


def _disabilities(rng: np.random.Generator, size: int) -> npt.NDArray[np.uint64]:
    """Sets of one disability or more."""
    one = np.uint64(1) << draw_codes(rng, size, None, "disability").astype(np.uint64)
    return np.asarray(draw_code_sets(rng, size, "disability") | one)
