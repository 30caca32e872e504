"""Proportional hazards on counts: what goes with an earlier return, all else alike (M23).

With characteristics that are categories, the partial likelihood needs only how many cases with each combination of
them, a pattern, leave on each day; so its cost does not grow with the number of children, and no child's row is needed.
Ties are handled by Efron's method.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from ibis import _

from rereferrals.statistics.life_tables import PERSON_AND_CASE, exits, sampled

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.integer[Any]]
#: Steps double the digits that are right, so what a step of this size leaves is beyond what numbers hold.
SMALL_STEP, MOST_STEPS = 1e-5, 30
#: Beyond these, a coefficient is on its way to infinity, and two categories tell the same.
LARGEST, WORST_CONDITION = 30, 1e12
#: For how many coefficients errors are worked out at once.
COLUMNS = 12
#: So many units are 1 where numbers are to be added up in whole units, which gives the same in any order.
UNITS = 2**50


@dataclass(frozen=True)
class Design:
    """What coefficients are of: for each characteristic its column, how many categories it has, and the place of the
    one that others are compared with."""

    columns: tuple[str, ...]
    sizes: tuple[int, ...]
    references: tuple[int, ...]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each characteristic begins in a row of all categories."""
        return tuple(np.cumsum([0, *self.sizes]).tolist())

    @cached_property
    def reference_places(self) -> tuple[int, ...]:
        """Places of the references in a row of all categories."""
        return tuple(start + place for start, place in zip(self.starts, self.references, strict=False))


@dataclass(frozen=True)
class Cells:
    """Counts by pattern and day, in that order.

    levels: for each pattern, the place of its category of each characteristic. pattern, day, leaving, rereferred: of
    each cell, which pattern and day it is of, how many leave then, and how many of those by a re-referral.
    """

    design: Design
    levels: Places
    pattern: Places
    day: Places
    leaving: Floats
    rereferred: Floats

    @classmethod
    def of(cls, counts: pd.DataFrame, design: Design) -> Cells:
        """The cells of rows with `pattern`, as `pattern_of` numbers them, days, leaving and rereferred."""
        numbers, place = np.unique(counts["pattern"].to_numpy(), return_inverse=True)
        levels = np.stack(np.unravel_index(numbers, design.sizes), axis=1)
        parts = (counts[name].to_numpy(dtype=float) for name in ("leaving", "rereferred"))
        return cls(design, levels, place.astype(np.int32), counts["days"].to_numpy(), *parts)

    def __getitem__(self, chosen: npt.NDArray[np.bool_]) -> Cells:
        parts = (part[chosen] for part in (self.pattern, self.day, self.leaving, self.rereferred))
        return Cells(self.design, self.levels, *parts)

    @cached_property
    def last_day(self) -> int:
        """The last day on which a case leaves."""
        return int(self.day.max(initial=0))

    @cached_property
    def indicators(self) -> Floats:
        """For each pattern, which of all categories it has, as 0 or 1."""
        found = np.zeros((len(self.levels), self.design.starts[-1]))
        for start, levels in zip(self.design.starts, self.levels.T, strict=False):
            found[np.arange(len(levels)), start + levels] = 1
        return found

    @cached_property
    def events(self) -> Cells:
        """The cells with a re-referral, of which these are all that leave."""
        there = self.rereferred > 0
        events = self[there]
        return Cells(self.design, self.levels, events.pattern, events.day, events.rereferred, events.rereferred)

    def sums(self, values: Floats) -> Floats:
        """For each pattern, the sum of the values of its categories, of which there is one for each of all."""
        parts = (values[start + levels] for start, levels in zip(self.design.starts, self.levels.T, strict=False))
        return np.add.reduce([*parts])

    def totals(self, counts: Floats) -> Floats:
        """A count of each cell, summed by category."""
        return _product(np.bincount(self.pattern, counts, len(self.levels)), self.indicators)

    def by_day(self, weights: Floats, last_day: int) -> tuple[Floats, Floats]:
        """Weights of the cases that leave, summed by day, and by day and category."""
        parts = []
        for places, size in zip(self._places, self.design.sizes, strict=True):
            sums = np.bincount(places, weights, (last_day + 1) * size)
            parts.append(sums.reshape(-1, size))
        return parts[0].sum(axis=1), np.concatenate(parts, axis=1)

    @cached_property
    def _places(self) -> list[Places]:
        """For each characteristic, the place of each cell in a table of days by categories."""
        sizes = zip(self.design.sizes, self.levels.T.astype(np.int32), strict=True)
        return [self.day * size + levels[self.pattern] for size, levels in sizes]


@dataclass(frozen=True)
class RiskSets:
    """What a model has to say of each day: see `risk_sets`."""

    events: Floats
    mean: Floats
    hazard: Floats
    event_hazard: Floats
    expected: Floats
    event_expected: Floats
    spread: Floats


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    free: places, in a row of all categories, of the coefficients; the others are references, or of categories without
    a case or a re-referral. weights: the relative hazard of each pattern. days: see RiskSets.
    """

    cells: Cells
    free: Places
    coefficients: Floats
    covariance: Floats
    weights: Floats
    days: RiskSets

    @property
    def errors(self) -> Floats:
        """Standard errors of the coefficients, if all cases were independent."""
        return np.sqrt(np.diag(self.covariance))

    def cumulated_hazard(self, day: int) -> float:
        """That of the pattern of references, by the end of a day."""
        return float(np.cumsum(self.days.hazard)[min(day, len(self.days.hazard) - 1)])

    def relative_hazard(self, cells: Cells) -> Floats:
        """That of each pattern of other cells of the same design."""
        return _weights(cells, self.free, self.coefficients)


def pattern_of(design: Design) -> ir.IntegerValue:
    """The number of a case's combination of categories."""
    first, *others = (_[column].cast("int64") for column in design.columns)
    for place, size in zip(others, design.sizes[1:], strict=True):
        first = first * size + place
    return first


def cells_of(followed: ir.Table, design: Design) -> Cells:
    """The counts of cases that are followed (see `life_tables.follow`), by pattern and day."""
    return Cells.of(exits(followed.mutate(pattern=pattern_of(design)), "pattern"), design)


def fit(cells: Cells, days: range, start: Fit | None = None) -> Fit:
    """The model with the highest partial likelihood, by re-referrals on these days since closure.

    `start` is a fit of the same cells to begin with. A category without such a re-referral has no coefficient, and its
    cases are left out. No category has one if there is no highest likelihood, because characteristics tell exactly who
    is re-referred, or each other.
    """
    in_time = cells[cells.day >= days.start]
    counted = in_time.day < days.stop
    events = in_time.totals(np.where(counted, in_time.rereferred, 0))
    kept = cells.sums(1.0 * (events == 0)) == 0
    used = in_time[kept[in_time.pattern]]
    used = Cells(
        used.design, used.levels, used.pattern, used.day, used.leaving, used.rereferred * (used.day < days.stop)
    )
    free = np.setdiff1d(np.flatnonzero(events > 0), cells.design.reference_places)
    known = dict(zip(start.free.tolist(), start.coefficients.tolist(), strict=True)) if start else _crude(used)
    coefficients = np.array([known.get(place, 0.0) for place in free.tolist()])
    return _highest(used, free, coefficients) or _highest(used, free[:0], coefficients[:0])


def _highest(cells: Cells, free: Places, coefficients: Floats) -> Fit | None:
    """The fit with the highest likelihood, by Newton's steps from some coefficients; None if there is none."""
    observed = cells.totals(cells.rereferred)
    for _step in range(MOST_STEPS):
        weights = _weights(cells, free, coefficients)
        risk = risk_sets(cells, weights)
        information = _information(cells, weights, risk, free)
        gradient = (observed - _product(risk.events, risk.mean))[free]
        if len(free) and not np.linalg.cond(information) < WORST_CONDITION:
            break
        move = np.linalg.solve(information, gradient)
        coefficients = coefficients + move
        if not np.abs(coefficients).max(initial=0) < LARGEST:
            break
        if np.abs(move).max(initial=0) < SMALL_STEP:
            return Fit(cells, free, coefficients, np.linalg.inv(information), weights, risk)
    return None


def _weights(cells: Cells, free: Places, coefficients: Floats) -> Floats:
    """The relative hazard of each pattern."""
    values = np.zeros(cells.design.starts[-1])
    values[free] = coefficients
    return np.exp(cells.sums(values))


def _crude(cells: Cells) -> dict[int, float]:
    """By place, the logarithm of the ratio of re-referrals a day to the reference's: near enough to begin with."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.log(cells.totals(cells.rereferred) / cells.totals(cells.leaving * (cells.day + 1)))
    references = np.repeat(rate[list(cells.design.reference_places)], cells.design.sizes)
    return dict(enumerate(np.nan_to_num(rate - references, posinf=0, neginf=0).tolist()))


def risk_sets(cells: Cells, weights: Floats) -> RiskSets:
    """Sums over those at risk on each day, by Efron's method, which takes events of a day in turn.

    Of each day: `events`, how many there are; `mean`, the mean row of categories of those at risk; `hazard`; the part
    of it that the events of the day do not share, `event_hazard`; `expected` and `event_expected`, the same times the
    mean rows; and `spread`, what the information loses to the means: its sum over days.
    """
    last_day, events = cells.last_day, cells.events
    whole, rows = cells.by_day(cells.leaving * weights[cells.pattern], last_day)
    at_risk, rows = (part[::-1].cumsum(axis=0)[::-1] for part in (whole, rows))
    tied, tied_rows = events.by_day(events.leaving * weights[events.pattern], last_day)
    number = np.bincount(events.day, events.leaving, last_day + 1)
    inverse, shared, squared, shared_squared, both_squared = _efron(number, at_risk, tied)
    expected = squared[:, None] * rows - shared_squared[:, None] * tied_rows
    event_expected = shared_squared[:, None] * rows - both_squared[:, None] * tied_rows
    summed = inverse[:, None] * rows - shared[:, None] * tied_rows
    mean = np.divide(summed, number[:, None], out=np.zeros(summed.shape), where=number[:, None] > 0)
    spread = _product(rows, expected) - _product(tied_rows, event_expected)
    return RiskSets(number, mean, inverse, shared, expected, event_expected, spread)


def _efron(number: Floats, at_risk: Floats, tied: Floats) -> list[Floats]:
    """For each day with d events, sums over l = 0 … d-1 of 1/D, p/D, 1/D², p/D² and p²/D², with p = l/d and D what is
    left at risk, which is at_risk - p tied."""
    days = np.flatnonzero(number)
    count = number[days].astype(int)
    day = np.repeat(days, count)
    turn = np.arange(len(day)) - np.repeat(np.cumsum(count) - count, count)
    part = turn / np.repeat(count, count)
    left = 1 / (at_risk[day] - part * tied[day])
    terms = (left, part * left, left**2, part * left**2, part**2 * left**2)
    return [np.bincount(day, term, len(number)) for term in terms]


def _information(cells: Cells, weights: Floats, risk: RiskSets, free: Places) -> Floats:
    """Minus the second derivative of the log partial likelihood."""
    exposure = np.bincount(cells.pattern, cells.leaving * np.cumsum(risk.hazard)[cells.day], len(weights))
    events = cells.events
    exposure -= np.bincount(events.pattern, events.leaving * risk.event_hazard[events.day], len(weights))
    rows = cells.indicators[:, free]
    return _product(rows, (weights * exposure)[:, None] * rows) - risk.spread[np.ix_(free, free)]


def _product(one: Floats, other: Floats) -> Floats:
    """The transpose of one times the other. Always summed in one order, which matrix products on several cores are not,
    so that the same counts give the same figures on every machine."""
    return np.asarray(np.einsum("i...,ij->...j", one, other))


def robust_errors(fitted: Fit, followed: ir.Table) -> Floats:
    """Standard errors of the coefficients that allow for children with several cases: of the influence of each case on
    a coefficient, summed within each child, the root of the sum of squares.

    The sums are made in the engine, of a sample of children (see `life_tables.sampled`). followed: the cases that the
    cells count.
    """
    cases, every = sampled(followed)
    cases = cases.mutate(pattern=pattern_of(fitted.cells.design))
    places = [*range(0, len(fitted.free), COLUMNS), len(fitted.free)]
    squares = [_squared_sums(fitted, cases, slice(start, stop)) for start, stop in pairwise(places)]
    return fitted.errors * np.sqrt(every * np.concatenate([[], *squares]))


def _squared_sums(fitted: Fit, cases: ir.Table, chosen: slice) -> Floats:
    """For some coefficients, the sum over children of the square of what their cases' influences come to, as shares of
    the errors of independent cases.

    The influence of a case is x (e - w m) + a + w b: x is its pattern's row of the inverse of the information and w its
    weight, e whether it is re-referred; m, a and b are of the day it leaves and of e, in rows of twice the day plus e.
    """
    risk, inverse = fitted.days, fitted.covariance[:, chosen] / fitted.errors[chosen]
    hazard = np.cumsum(risk.hazard)
    x, mean, expected, event_expected = (
        np.einsum("ij,jk->ik", part[:, fitted.free], inverse)
        for part in (fitted.cells.indicators, risk.mean, np.cumsum(risk.expected, axis=0), risk.event_expected)
    )
    of_pattern = {"x": x, "weight": fitted.weights[:, None]}
    of_ending = {
        "m": np.stack([hazard, hazard - risk.event_hazard], axis=1).reshape(-1, 1),
        "a": np.stack([np.zeros_like(mean), -mean], axis=1).reshape(-1, x.shape[1]),
        "b": np.stack([expected, expected - event_expected], axis=1).reshape(-1, x.shape[1]),
    }
    there = np.bincount(fitted.cells.pattern, minlength=len(x)) > 0
    numbers = np.ravel_multi_index(tuple(fitted.cells.levels.T), fitted.cells.design.sizes)
    patterns = _columns(of_pattern).assign(pattern=numbers)[there]
    endings = _columns(of_ending).assign(ending=range(2 * len(hazard)))
    joined = (
        cases.mutate(ending=2 * _.days + _.rereferred)
        .inner_join(ibis.memtable(patterns), "pattern")
        .inner_join(ibis.memtable(endings), "ending")
        .mutate(scale=_.rereferred - _.weight0 * _.m0)
    )
    names = range(x.shape[1])
    influence = {f"sum{n}": _[f"x{n}"] * _.scale + _[f"a{n}"] + _.weight0 * _[f"b{n}"] for n in names}
    sums = {name: _in_units(part) for name, part in influence.items()}
    of_children = joined.group_by(PERSON_AND_CASE[0]).aggregate(**sums)
    found = of_children.aggregate(**{name: _in_units((_[name] / UNITS) ** 2) for name in influence}).execute()
    return found.to_numpy(dtype=float)[0] / UNITS


def _in_units(values: ir.FloatingValue) -> ir.IntegerScalar:
    return (values * UNITS).cast("int64").sum()


def _columns(parts: Mapping[str, Floats]) -> pd.DataFrame:
    """Matrices as a table, with a column for each of theirs, named by the matrix and its place."""
    return pd.DataFrame({f"{name}{n}": column for name, part in parts.items() for n, column in enumerate(part.T)})


def concordance(cells: Cells, risk: Floats, last_day: int) -> float:
    """Of all pairs of cases of which one is re-referred by a day and before the other leaves, the share in which that
    one has the higher risk; one in two of those with the same.

    risk: that of each pattern.
    """
    ranks = np.unique(risk, return_inverse=True)[1]
    size = int(ranks.max(initial=0)) + 1
    at_risk = np.bincount(ranks[cells.pattern], cells.leaving, size)
    order = np.argsort(cells.day, kind="stable")
    bounds = np.searchsorted(cells.day[order], np.arange(last_day + 2))
    right = pairs = 0.0
    for begin, end in pairwise(bounds.tolist()):
        rows = order[begin:end]
        rank, events = ranks[cells.pattern[rows]], cells.rereferred[rows]
        at_risk -= np.bincount(rank, events, size)
        below = np.concatenate([[0.0], np.cumsum(at_risk)])
        right += float(events @ (below[rank] + at_risk[rank] / 2))
        pairs += float(events.sum() * below[-1])
        at_risk -= np.bincount(rank, cells.leaving[rows] - events, size)
    return right / pairs if pairs else float("nan")
