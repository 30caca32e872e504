"""Closed cases made up at any scale, as the unit has them: children with several, ties, and effects that are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from rereferrals.statistics.life_tables import PERSON_AND_CASE

PERSON = PERSON_AND_CASE[0]
#: How common each category of a characteristic is, in the order of its published list.
COMMON: dict[str, tuple[float, ...]] = {
    "need": (0.03, 0.555, 0.06, 0.02, 0.09, 0.18, 0.015, 0.005, 0.015, 0.03),
    "level": (0.01, 0.35, 0.47, 0.08, 0.01, 0.05, 0.03),
    "age_band": (0.03, 0.06, 0.23, 0.28, 0.28, 0.1195, 0.0005),
    "sex": (0.52, 0.475, 0.005),
    "ethnic_group": (0.74, 0.09, 0.06, 0.05, 0.02, 0.04),
    "has_disability": (0.9, 0.1),
    "earlier_referrals": (0.55, 0.22, 0.12, 0.11),
}
UNBORN, UNKNOWN_SEX = 0, 2
#: About how many days old those of an age band are, give or take 90.
AGES = np.array([-100, 180, 1_000, 2_700, 4_700, 6_200, 3_000])
#: Logarithms of hazard ratios to the first category of each.
EFFECTS = {
    name: tuple(float(0.5 * np.sin(3 * place)) for place in range(len(shares))) for name, shares in COMMON.items()
}
ADULT_DAYS, SETS_OF_FACTORS = 6_574, 40


def closures(
    number: int,
    seed: int,
    last_year: int = 2024,
    years: int = 7,
    cases_per_child: float = 1.7,
    frailty: float = 0.6,
    effects: Mapping[str, tuple[float, ...]] = EFFECTS,
) -> pd.DataFrame:
    """About so many closed cases, of `years` up to one.

    Re-referrals come at a rate that falls with time, times what goes with a case's categories and a `frailty` of the
    child, the standard deviation of its logarithm.
    """
    rng = np.random.default_rng(seed)
    children = max(1, int(number / cases_per_child))
    child = np.sort(rng.integers(0, children, number))
    aprils = np.array([f"{year}-04-01" for year in range(last_year - years, last_year + 1)], "datetime64[D]")
    start = aprils[0] + rng.integers(0, (aprils[-1] - aprils[0]).astype(int), number)
    known = {name: rng.choice(len(shares), number, p=shares).astype(np.int8) for name, shares in COMMON.items()}
    known["sex"][known["age_band"] == UNBORN] = UNKNOWN_SEX
    risk = frailty * rng.standard_normal(children)[child]
    for name, of_categories in effects.items():
        risk += np.asarray(of_categories)[known[name]]
    waited = rng.exponential(size=number) / np.exp(risk)
    again = np.floor(800 * waited + 10_000 * waited**2)
    age = AGES[known["age_band"]] + rng.integers(-90, 90, number)
    died = rng.integers(0, 2_000, number)
    found = pd.DataFrame(
        {
            "time_period": last_year - years + np.searchsorted(aprils, start, "right"),
            PERSON: child,
            "cin_referral_date": start.astype("datetime64[s]"),
            "cin_closure_date": start.astype("datetime64[s]"),
            "days_to_referral": pd.array(again, "Int64"),
            "days_to_adult": pd.array(ADULT_DAYS - age, "Int64"),
            "days_to_death": pd.array(died, "Int64"),
            "is_transfer": rng.random(number) < 0.04,
            "is_without_closure": rng.random(number) < 0.05,
            "factors": np.where(rng.random(number) < 0.3, 0, 1 << rng.integers(0, SETS_OF_FACTORS, number)),
            **known,
        }
    )
    found["days_to_referral"] = found["days_to_referral"].where(again < 4_000)
    found["days_to_death"] = found["days_to_death"].where(rng.random(number) < 0.002)
    return found.drop_duplicates([PERSON, "cin_referral_date"], ignore_index=True)


def arrow(closures: pd.DataFrame) -> pa.Table:
    """Closed cases with the types of the unit."""
    table = pa.Table.from_pandas(closures, preserve_index=False)
    for name in ("cin_referral_date", "cin_closure_date"):
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.date32()))
    return table
