"""Data sets that are estimated in place of counted: true counts and true estimates, a row for each published one (M23).

An estimate that cannot be made is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist
from typing import Any

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from ibis import _

from rereferrals.datasets import survival as datasets
from rereferrals.measures import survival as measures
from rereferrals.model import NATIONAL, DataSet, Estimate
from rereferrals.release import YEARS_FOLLOWED, Release
from rereferrals.statistics import hazards, life_tables
from rereferrals.statistics.hazards import Cells, Design, Fit
from rereferrals.statistics.life_tables import EVERY, Condition, LifeTable, Rules
from rereferrals.statistics.survival import NORMAL, Curve, Floats, incidence, pairs_of, survival

Row = dict[str, Any]
MONTH_ENDS = tuple(map(life_tables.month_end, measures.MONTHS))
FULL = measures.MONTHS[-1]
ONE_YEAR = MONTH_ENDS[12]
ALL_TIME = range(MONTH_ENDS[-1] + 1)
FIRST_YEAR, LATER = ALL_TIME[: ONE_YEAR + 1], ALL_TIME[ONE_YEAR + 1 :]
NO_PAIRS = np.zeros((2 * (len(MONTH_ENDS) + 1),) * 2, np.int64)
#: Conditions that put a case into each category of the breakdown.
MEMBERS = {
    measures.ALL_CLOSURES: EVERY,
    **{
        category: _[each.column] == place
        for each in measures.CHARACTERISTICS
        for place, category in enumerate(each.categories)
    },
    **measures.FACTOR_MEMBERS,
}


@dataclass(frozen=True)
class Followed:
    """The closed cases of a release, and what is estimated of them, each worked out once.

    closures: the unit.
    """

    closures: ir.Table
    release: Release

    @property
    def rules(self) -> Rules:
        """Those of the release."""
        return Rules(self.release.survival.nfa_entry, self.release.survival.transfers)

    def cases(
        self, last_year: int, years: int = YEARS_FOLLOWED, rules: Rules | None = None, until: int | None = None
    ) -> ir.Table:
        """Cases that closed in so many years up to one, followed to its end or that of the year `until`."""
        closed_in = range(last_year - years + 1, last_year + 1)
        return life_tables.follow(self.closures, closed_in, until or last_year, rules or self.rules)

    @property
    def latest(self) -> ir.Table:
        """Cases that closed in the six years up to the release's own."""
        return self.cases(self.release.year)

    @cached_property
    def every(self) -> int:
        """Of so many children one is in the sample."""
        return life_tables.one_in(int(self.cells.leaving.sum()))

    @cached_property
    def sample(self) -> Followed:
        """The closed cases of a sample of children, by which errors allow for those that have several."""
        return replace(self, closures=life_tables.sampled(self.closures, self.every).cache())

    def whole(self, last_year: int) -> Curve:
        """The curve of all cases of six years."""
        (table,) = _tables(self.cases(last_year))
        (pairs,) = pairs_of(life_tables.pairs(self.sample.cases(last_year)), MONTH_ENDS)
        return Curve(table, self.every * pairs, MONTH_ENDS)

    @cached_property
    def curves(self) -> dict[str, Curve]:
        """The curves of the latest six years by category of the breakdown, the total first."""
        tables = [self.cells.table(MONTH_ENDS[-1]), *self.cells.tables(MONTH_ENDS[-1])]
        tables += _tables(self.latest, [*measures.FACTOR_MEMBERS.values()])
        pairs = pairs_of(life_tables.pairs(self.sample.latest, [*MEMBERS.values()]), MONTH_ENDS)
        found = zip(MEMBERS, tables, pairs, strict=True)
        return {category: Curve(table, self.every * paired, MONTH_ENDS) for category, table, paired in found}

    @cached_property
    def cells(self) -> Cells:
        """The latest six years by pattern and day."""
        return hazards.cells_of(self.latest, DESIGN)

    @cached_property
    def model(self) -> tuple[Fit, Floats]:
        """The model of the latest six years, and the errors of its coefficients."""
        fitted = hazards.fit(self.cells, ALL_TIME)
        return fitted, hazards.robust_errors(fitted, self.sample.latest, self.every)


DESIGN = Design(
    tuple(each.column for each in measures.CHARACTERISTICS),
    tuple(len(each.categories) for each in measures.CHARACTERISTICS),
    tuple(each.categories.index(each.reference) for each in measures.CHARACTERISTICS),
)


def by_time(followed: Followed, years: Sequence[int]) -> Iterator[Row]:
    """H1: the curve of each category, month by month."""
    for category, curve in followed.curves.items():
        by_then = np.cumsum(curve.table.rereferred)
        estimates = {
            measures.PROBABILITY: curve.probability,
            measures.LOWER: curve.limits[0],
            measures.UPPER: curve.limits[1],
            measures.BAND_LOWER: curve.band[0],
            measures.BAND_UPPER: curve.band[1],
            measures.BEFORE_ADULT: curve.incidences[0],
            measures.ADULT: curve.incidences[1],
        }
        for month, name in measures.MONTH.items():
            day = MONTH_ENDS[month]
            yield {
                "time_period": followed.release.year,
                measures.BREAKDOWN.name: category,
                measures.SINCE_CLOSURE.name: name,
                measures.CLOSED.name: curve.table.leaving.sum(),
                measures.AT_RISK.name: curve.table.at_risk[day],
                measures.BY_THEN.name: by_then[day],
                **{estimate.name: values[month] for estimate, values in estimates.items()},
            }


def summary(followed: Followed, years: Sequence[int]) -> Iterator[Row]:
    """H1b: probabilities within 12 months and six years, of all cases by period, and by category in the latest."""
    for year in years:
        curves = {measures.ALL_CLOSURES: followed.whole(year)} if year < followed.release.year else followed.curves
        for category, curve in curves.items():
            mean, low, high = curve.mean_days
            yield {
                "time_period": year,
                measures.BREAKDOWN.name: category,
                **_counts(curve.table),
                **_at(curve, 12, measures.YEAR_PROBABILITY, measures.YEAR_LOWER, measures.YEAR_UPPER),
                **_at(curve, FULL, measures.FULL_PROBABILITY, measures.FULL_LOWER, measures.FULL_UPPER),
                measures.YEAR_BEFORE_ADULT.name: curve.incidences[0][12],
                measures.FULL_BEFORE_ADULT.name: curve.incidences[0][FULL],
                measures.MEAN_DAYS.name: mean,
                measures.MEAN_LOWER.name: low,
                measures.MEAN_UPPER.name: high,
            }


def by_rule(followed: Followed, years: Sequence[int]) -> Iterator[Row]:
    """H1c: the same probabilities if closed cases were followed by another rule."""
    published = followed.curves[measures.ALL_CLOSURES].table
    others = (replace(followed.rules, nfa_entry="referral_date"), replace(followed.rules, transfers="censored"))
    with_nfa, to_transfer = (_tables(followed.cases(followed.release.year, rules=rules))[0] for rules in others)
    tables = {
        measures.AS_PUBLISHED: published,
        measures.AT_18: published,
        measures.WITH_NFA: with_nfa,
        measures.TO_TRANSFER: to_transfer,
        measures.NOT_SAME_DAY: published.without_same_day,
    }
    for name, table in tables.items():
        chances = incidence(table)[0] if name == measures.AT_18 else 1 - survival(table)
        yield {
            "time_period": followed.release.year,
            measures.RULE.name: name,
            **_counts(table),
            measures.YEAR_PROBABILITY.name: chances[ONE_YEAR],
            measures.FULL_PROBABILITY.name: chances[-1],
        }


def ratios(followed: Followed, years: Sequence[int]) -> Iterator[Row]:
    """H2: the hazard ratio of each category to the reference of its characteristic, and how it changes with time."""
    fitted, errors = followed.model
    first, later = (hazards.fit(fitted.cells, days, fitted) for days in (FIRST_YEAR, LATER))
    logs, early, late = (_by_place(fit, fit.coefficients, 0) for fit in (fitted, first, later))
    own, own_early, own_late = (_by_place(fit, fit.errors) for fit in (fitted, first, later))
    margin = NORMAL * _by_place(fitted, errors)
    wider = _by_place(fitted, errors) / own
    difference = np.abs(early - late) / (wider * np.hypot(own_early, own_late))
    closed, again = (followed.cells.totals(part) for part in (followed.cells.leaving, followed.cells.rereferred))
    for place, category in enumerate(measures.PREDICTOR.categories):
        yield {
            "time_period": followed.release.year,
            measures.PREDICTOR.name: category,
            measures.CLOSED.name: int(closed[place]),
            measures.REREFERRED.name: int(again[place]),
            measures.HAZARD_RATIO.name: np.exp(logs[place]),
            measures.RATIO_LOWER.name: np.exp(logs[place] - margin[place]),
            measures.RATIO_UPPER.name: np.exp(logs[place] + margin[place]),
            measures.FIRST_YEAR_RATIO.name: np.exp(early[place]),
            measures.LATER_RATIO.name: np.exp(late[place]),
            measures.PROPORTIONAL_P.name: 2 * NormalDist().cdf(-difference[place]),
        }


def held_out(followed: Followed, years: Sequence[int]) -> Iterator[Row]:
    """H2b: what a model of earlier closures foretells of those of a later year, and what came of them.

    The model knows nothing that happened after the last of its own years; those of the held-out year are followed for
    the 12 months that it foretells.
    """
    year = datasets.H2_HELD_OUT.years(followed.release)[-1]
    fitted = hazards.fit(hazards.cells_of(followed.cases(year - 1, YEARS_FOLLOWED - 2), DESIGN), ALL_TIME)
    later = hazards.cells_of(followed.cases(year, 1, until=year + 1), DESIGN)
    risk = fitted.relative_hazard(later)
    predicted = 1 - np.exp(-fitted.cumulated_hazard(ONE_YEAR) * risk)
    number = np.bincount(later.pattern, later.leaving, len(risk))
    tenth = _tenths(risk, number)
    for place, name in enumerate((measures.RISK.total, *measures.RISK.categories), -1):
        chosen = (tenth == place) | (place < 0)
        curve = Curve(later[chosen[later.pattern]].table(MONTH_ENDS[-1]), NO_PAIRS, MONTH_ENDS)
        whole = float(number[chosen].sum())
        yield {
            "time_period": year,
            measures.RISK.name: name,
            measures.HELD_OUT.name: int(whole),
            measures.HELD_OUT_REREFERRED.name: int(curve.table.rereferred[: ONE_YEAR + 1].sum()),
            measures.PREDICTED.name: float((predicted * number)[chosen].sum()) / whole if whole else np.nan,
            **_at(curve, 12, measures.OBSERVED, measures.OBSERVED_LOWER, measures.OBSERVED_UPPER),
            measures.CONCORDANCE.name: hazards.concordance(later, risk, ONE_YEAR) if place < 0 else np.nan,
        }


def _tenths(risk: Floats, number: Floats) -> npt.NDArray[np.int64]:
    """The tenth of cases, from 0, that each pattern is in by its risk: that in which the middle of its cases falls."""
    order = np.argsort(risk, kind="stable")
    middle = np.cumsum(number[order]) - number[order] / 2
    tenth = np.zeros(len(risk), np.int64)
    tenth[order] = np.minimum(10 * middle / max(number.sum(), 1), 9).astype(np.int64)
    return tenth


def _tables(cases: ir.Table, conditions: Sequence[Condition] = (EVERY,)) -> list[LifeTable]:
    """The life table of the cases that meet each of some conditions."""
    return life_tables.tables(life_tables.exits(cases, conditions), MONTH_ENDS[-1])


def _counts(table: LifeTable) -> Row:
    return {measures.CLOSED.name: int(table.leaving.sum()), measures.REREFERRED.name: int(table.rereferred.sum())}


def _at(curve: Curve, month: int, *estimates: Estimate) -> Row:
    """The probability at a month and the limits of its interval, under the names of three estimates."""
    values = (curve.probability, *curve.limits)
    return {estimate.name: part[month] for estimate, part in zip(estimates, values, strict=True)}


def _by_place(fitted: Fit, values: Floats, of_references: float = np.nan) -> Floats:
    """Of a value for each coefficient, one for each category; missing where there is none."""
    found = np.full(len(measures.PREDICTOR.categories), np.nan)
    found[list(DESIGN.reference_places)] = of_references
    found[fitted.free] = values
    return found


#: Data set id → what makes its rows, given the closed cases and the years that it covers.
MAKERS: Mapping[str, Callable[[Followed, Sequence[int]], Iterator[Row]]] = {
    datasets.H1.id: by_time,
    datasets.H1_SUMMARY.id: summary,
    datasets.H1_RULES.id: by_rule,
    datasets.H2.id: ratios,
    datasets.H2_HELD_OUT.id: held_out,
}


def whole_periods(years: Sequence[int]) -> tuple[int, ...]:
    """Those of the years with returns that end six years of them."""
    return tuple(year for year in years if {*range(year - YEARS_FOLLOWED + 1, year + 1)} <= {*years})


def estimate(followed: Followed, data_set: DataSet, years: Sequence[int]) -> pd.DataFrame:
    """True counts and estimates of England: time_period, geographic_level, the filters and the indicators' counts and
    estimates, ordered as the data set is declared."""
    rows = pd.DataFrame(list(MAKERS[data_set.id](followed, years)))
    rows.insert(1, "geographic_level", NATIONAL)
    return rows
