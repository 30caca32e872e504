"""Figures like those published, of sections whose sentences judge how categories stand to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rereferrals.commentary import factors
from rereferrals.commentary.journeys import PLAN
from rereferrals.datasets.child_protection import I1
from rereferrals.datasets.factors import D1, D2, D3
from rereferrals.datasets.journeys import E1, E2, E3
from rereferrals.measures.factors import FACTOR
from rereferrals.measures.journeys import LEADING, LEVELS, NOT_LEADING, NOT_REREFERRED, REREFERRAL
from rereferrals.model import DataSet

#: The counts of a row, by what they are called, given the categories of its filters.
Sized = Callable[[Mapping[str, str]], Mapping[str, int]]

#: Referrals with any factor, and all of them.
RECORDED = {NOT_LEADING: 280_000, LEADING: 66_000, REREFERRAL: 106_000}
REFERRALS = {NOT_LEADING: 400_000, LEADING: 110_000, REREFERRAL: 145_000}
#: Factor → its percentage of initial referrals that do not and do lead to a re-referral, and of re-referrals.
SHARES: dict[str, tuple[float, float, float]] = {
    factors.DRUGS: (17, 17.2, 21),
    factors.ALCOHOL: (16, 16, 20),
    factors.MENTAL_HEALTH: (40, 40.4, 46),
    factors.NEGLECT: (15, 11, 20),
    factors.EMOTIONAL_ABUSE: (21, 17, 25),
    factors.GANGS: (1.8, 2.1, 3.1),
    factors.SEXUAL_ABUSE: (6.5, 5.2, 4.9),
    factors.PHYSICAL_DISABILITY: (10, 8, 8.5),
    factors.LEARNING_DISABILITY: (12, 10, 11),
    factors.PHYSICAL_ABUSE: (15, 13, 13.5),
}
OTHER_SHARES = (2.0, 2.1, 2.6)
#: Factor → referrals with it, and how many of them are re-referrals.
RATES = {
    factors.GANGS: (9_740, 3_250),
    factors.EXPLOITATION: (16_000, 5_100),
    factors.MISSING: (18_000, 5_600),
    factors.FAITH: (2_000, 390),
    factors.SEXUAL_ABUSE: (28_000, 5_200),
    factors.FGM: (900, 110),
}
OTHER_RATE = (50_000, 12_000)
#: Per 1,000 referrals of any type, the steps in order.
STEPS_PER_THOUSAND = (640, 310, 120, 100, 50)
#: Per 1,000 referrals of each type, the levels in order.
PER_THOUSAND = {
    NOT_LEADING: (170, 210, 310, 180, 10, 80, 40),
    LEADING: (210, 270, 311, 150, 9, 30, 20),
    REREFERRAL: (150, 180, 310, 190, 10, 110, 50),
}


def _shares(row: Mapping[str, str]) -> dict[str, int]:
    place, whole = list(RECORDED).index(row["referral_type"]), RECORDED[row["referral_type"]]
    counts = {
        f"referrals__{n}": round(whole * SHARES.get(factor, OTHER_SHARES)[place] / 100)
        for n, factor in enumerate(FACTOR.categories)
    }
    return counts | {"referrals__any": whole}


def _rates(row: Mapping[str, str]) -> dict[str, int]:
    of_factors = [RATES.get(factor, OTHER_RATE) for factor in FACTOR.categories]
    counts = {"total_referrals_byAF__any": sum(RECORDED.values()), "re_referrals__any": RECORDED[REREFERRAL]}
    for n, (referrals, rereferrals) in enumerate(of_factors):
        counts |= {f"total_referrals_byAF__{n}": referrals, f"re_referrals__{n}": rereferrals}
    return counts


def _recorded(row: Mapping[str, str]) -> dict[str, int]:
    kind = row["referral_type"]
    return {"referral_count": REFERRALS[kind], "factor_recorded_count": RECORDED[kind]}


def _levels(row: Mapping[str, str]) -> dict[str, int]:
    kind, place = row["referral_type"], LEVELS.index(row["level_description"])
    return {"referrals": REFERRALS[kind] * PER_THOUSAND[kind][place] // 1000}


def _next(row: Mapping[str, str]) -> dict[str, int]:
    before, after = row["level_description"], row["next_level_description"]
    if after == NOT_REREFERRED:
        return {"referrals": 55_000 if before == PLAN else 60_000}
    return {"referrals": 300 if before == PLAN else 1_000 + 300 * LEVELS.index(after)}


def _steps(row: Mapping[str, str]) -> dict[str, int]:
    whole = REFERRALS[row["referral_type"]]
    of_steps = {f"referrals__{n}": whole * thousandths // 1000 for n, thousandths in enumerate(STEPS_PER_THOUSAND)}
    return of_steps | {"referrals__any": whole}


def _plans(row: Mapping[str, str]) -> dict[str, int]:
    return {"subject_child_count": 291_600, "not_active_child_count": 237_370, "active_child_count": 54_230}


SIZED: dict[DataSet, Sized] = {D1: _shares, D2: _rates, D3: _recorded, E1: _levels, E2: _next, E3: _steps, I1: _plans}
