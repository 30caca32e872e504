"""Proportional hazards on counts: what goes with an earlier return, all else alike (M23).

With characteristics that are categories, the partial likelihood needs only how many cases with each combination of
them, a pattern, leave on each day; so its cost does not grow with the number of children, and no child's row is needed.
Ties are handled by Efron's method.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from ibis import _

from rereferrals.statistics.life_tables import LifeTable

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.integer[Any]]
#: Steps double the digits that are right, so what a step of this size leaves is beyond what numbers hold.
SMALL_STEP, MOST_STEPS = 1e-5, 30
#: Beyond these, a coefficient is on its way to infinity, and two categories tell the same.
LARGEST, WORST_CONDITION = 30, 1e12
#: So many combinations of categories are told apart at once.
FEW = 72
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
    def together(self) -> list[slice]:
        """Runs of characteristics with few enough combinations for all to be told apart at once."""
        ends = [0]
        for place in range(len(self.sizes)):
            if place > ends[-1] and math.prod(self.sizes[ends[-1] : place + 1]) > FEW:
                ends.append(place)
        return [slice(*run) for run in pairwise([*ends, len(self.sizes)])]

    @cached_property
    def reference_places(self) -> tuple[int, ...]:
        """Places of the references in a row of all categories."""
        return tuple(start + place for start, place in zip(self.starts, self.references, strict=False))


@dataclass(frozen=True)
class Cells:
    """Counts by pattern and day, in that order.

    levels: for each pattern, the place of its category of each characteristic. pattern, day: of each cell, which
    pattern and day it is of. leaving, rereferred, of_age: how many leave then, in which ways (see `LifeTable`).
    """

    design: Design
    levels: Places
    pattern: Places
    day: Places
    leaving: Floats
    rereferred: Floats
    of_age: Floats

    @classmethod
    def of(cls, counts: pd.DataFrame, design: Design) -> Cells:
        """The cells of rows with `pattern`, as `pattern_of` numbers them, days, leaving, rereferred and of_age."""
        pattern, days = (counts[name].to_numpy(dtype=np.int64) for name in ("pattern", "days"))
        order = np.argsort(pattern * (days.max(initial=0) + 1) + days)
        numbers, place = np.unique(pattern[order], return_inverse=True)
        levels = np.stack(np.unravel_index(numbers, design.sizes), axis=1)
        parts = (counts[name].to_numpy()[order].astype(float) for name in ("leaving", "rereferred", "of_age"))
        return cls(design, levels, place, days[order], *parts)

    def __getitem__(self, chosen: npt.NDArray[np.bool_]) -> Cells:
        if chosen.all():
            return self
        parts = (part[chosen] for part in (self.pattern, self.day, self.leaving, self.rereferred, self.of_age))
        return Cells(self.design, self.levels, *parts)

    def until(self, day: int) -> Cells:
        """The cells before a day, and those of all who are still there, as if they left on it."""
        later = self.day >= day
        if not later.any():
            return self
        before, left = self[~later], np.bincount(self.pattern[later], self.leaving[later], len(self.levels))
        there = np.flatnonzero(left)
        ends = (there, np.full(len(there), day), left[there], np.zeros(len(there)), np.zeros(len(there)))
        parts = (before.pattern, before.day, before.leaving, before.rereferred, before.of_age)
        return Cells(self.design, self.levels, *map(np.append, parts, ends))

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
        events = self[self.rereferred > 0]
        return replace(events, leaving=events.rereferred, of_age=np.zeros_like(events.rereferred))

    def sums(self, values: Floats) -> Floats:
        """For each pattern, the sum of the values of its categories, of which there is one for each of all."""
        parts = (values[start + levels] for start, levels in zip(self.design.starts, self.levels.T, strict=False))
        return np.add.reduce([*parts])

    def totals(self, counts: Floats) -> Floats:
        """A count of each cell, summed by category."""
        return _product(np.bincount(self.pattern, counts, len(self.levels)), self.indicators)

    def by_day(self, weights: Floats, last_day: int) -> tuple[Floats, Floats]:
        """Weights of the cases that leave, summed by day, and by day and category."""
        parts: list[Floats] = []
        for places, run in zip(self._places, self.design.together, strict=True):
            sizes = self.design.sizes[run]
            sums = np.bincount(places, weights, (last_day + 1) * math.prod(sizes)).reshape(-1, *sizes)
            axes = range(1, sums.ndim)
            parts += [sums.sum(axis=tuple(other for other in axes if other != axis)) for axis in axes]
        return parts[0].sum(axis=1), np.concatenate(parts, axis=1)

    @cached_property
    def _places(self) -> list[Places]:
        """For each run of characteristics, the place of each cell in a table of days by combinations."""
        places, day = [], self.day.astype(np.int32)
        for run in self.design.together:
            sizes = self.design.sizes[run]
            combination = np.ravel_multi_index(tuple(self.levels.T[run]), sizes).astype(np.int32)
            places.append(day * math.prod(sizes) + combination[self.pattern])
        return places

    def table(self, last_day: int) -> LifeTable:
        """The life table of all cases."""
        return LifeTable.of(self.day, (self.leaving, self.rereferred, self.of_age), last_day)

    def tables(self, last_day: int) -> list[LifeTable]:
        """The life table of each category."""
        ways = (self.by_day(counts, last_day)[1] for counts in (self.leaving, self.rereferred, self.of_age))
        return [LifeTable(*of_one) for of_one in zip(*(part.T.astype(np.int64) for part in ways), strict=True)]

    @cached_property
    def ties(self) -> Ties:
        """The re-referrals of each day."""
        return Ties.of(np.bincount(self.day, self.rereferred, self.last_day + 1))


@dataclass(frozen=True)
class Ties:
    """Events that are taken in turn where several are on one day.

    number: how many there are on each day. days, first: the days with any, and which event is the first of each. part:
    of each event, how many of its day's come before it, as a share of them.
    """

    number: Floats
    days: Places
    first: Places
    part: Floats

    @classmethod
    def of(cls, number: Floats) -> Ties:
        """Those of so many events on each day."""
        days = np.flatnonzero(number)
        count = number[days].astype(int)
        first = np.cumsum(count) - count
        turn = np.arange(count.sum()) - np.repeat(first, count)
        return cls(number, days, first, turn / np.repeat(count, count))

    def sums(self, at_risk: Floats, tied: Floats) -> Floats:
        """For each day, sums over its events of 1/D, p/D, 1/D², p/D² and p²/D²: p is the part, and D what is left at
        risk, which is at_risk - p tied."""
        count = self.number[self.days].astype(int)
        left = 1 / (np.repeat(at_risk[self.days], count) - self.part * np.repeat(tied[self.days], count))
        parted = self.part * left
        found = np.zeros((5, len(self.number)))
        terms = (left, parted, left * left, parted * left, parted * parted)
        found[:, self.days] = [np.add.reduceat(term, self.first) for term in terms]
        return found


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
    counts = {"leaving": _.count(), "rereferred": _.rereferred.sum(), "of_age": _.of_age.sum()}
    narrow = {name: count.cast("int32") for name, count in counts.items()}
    return Cells.of(followed.group_by("days", pattern=pattern_of(design)).aggregate(**narrow).execute(), design)


def fit(cells: Cells, days: range, start: Fit | None = None) -> Fit:
    """The model with the highest partial likelihood, by re-referrals on these days since closure.

    `start` is a fit of the same cells to begin with. A category without such a re-referral has no coefficient, and its
    cases are left out. No category has one if there is no highest likelihood, because characteristics tell exactly who
    is re-referred, or each other.
    """
    in_time = cells[cells.day >= days.start].until(days.stop)
    events = in_time.totals(in_time.rereferred)
    kept = cells.sums(1.0 * (events == 0)) == 0
    used = in_time[kept[in_time.pattern]]
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
    number = cells.ties.number
    inverse, shared, squared, shared_squared, both_squared = cells.ties.sums(at_risk, tied)
    expected = squared[:, None] * rows - shared_squared[:, None] * tied_rows
    event_expected = shared_squared[:, None] * rows - both_squared[:, None] * tied_rows
    summed = inverse[:, None] * rows - shared[:, None] * tied_rows
    mean = np.divide(summed, number[:, None], out=np.zeros(summed.shape), where=number[:, None] > 0)
    spread = _product(rows, expected) - _product(tied_rows, event_expected)
    return RiskSets(number, mean, inverse, shared, expected, event_expected, spread)


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


def robust_errors(fitted: Fit, followed: ir.Table, every: int = 1) -> Floats:
    """Standard errors of the coefficients that allow for children with several cases: of the influence of each case on
    a coefficient, summed within each child, the root of the sum of squares.

    followed: the cases that the cells count, or those of one in so many children. The sums are made in the engine.

    The influence of a case is x (e - w m) + a + w b, as a share of the error of independent cases: x is its pattern's
    row of the inverse of the information and w its weight, e whether it is re-referred; m, a and b are of the day it
    leaves and of e, in rows of twice the day plus e.
    """
    if not len(fitted.free):
        return np.zeros(0)
    cells, risk, inverse = fitted.cells, fitted.days, fitted.covariance / fitted.errors
    hazard = np.cumsum(risk.hazard)
    x, mean, expected, event_expected = (
        np.einsum("ij,jk->ik", part[:, fitted.free], inverse)
        for part in (cells.indicators, risk.mean, np.cumsum(risk.expected, axis=0), risk.event_expected)
    )
    of_pattern = {"x": x, "weight": fitted.weights[:, None]}
    of_ending = {
        "m": np.stack([hazard, hazard - risk.event_hazard], axis=1).reshape(-1, 1),
        "a": np.stack([np.zeros_like(mean), -mean], axis=1).reshape(-1, x.shape[1]),
        "b": np.stack([expected, expected - event_expected], axis=1).reshape(-1, x.shape[1]),
    }
    there = np.bincount(cells.pattern, minlength=len(x)) > 0
    numbers = np.ravel_multi_index(tuple(cells.levels.T), cells.design.sizes)
    patterns = _columns(of_pattern).assign(pattern=numbers)[there]
    endings = _columns(of_ending).assign(ending=range(2 * len(hazard)))
    joined = (
        followed.select("person_id", "rereferred", pattern=pattern_of(cells.design), ending=2 * _.days + _.rereferred)
        .inner_join(ibis.memtable(patterns), "pattern")
        .inner_join(ibis.memtable(endings), "ending")
        .mutate(scale=_.rereferred - _.weight0 * _.m0)
    )
    names = range(x.shape[1])
    influence = {f"sum{n}": _[f"x{n}"] * _.scale + _[f"a{n}"] + _.weight0 * _[f"b{n}"] for n in names}
    of_children = joined.group_by("person_id").aggregate(**{name: _summed(part) for name, part in influence.items()})
    squares = of_children.aggregate(**{name: _summed(_[name] ** 2) for name in influence}).execute()
    return fitted.errors * np.sqrt(every * squares.to_numpy(dtype=float)[0])


def _summed(values: ir.FloatingValue) -> ir.FloatingScalar:
    """The sum of values in whole units, of which a number holds all, so that it is the same in any order."""
    return (values * UNITS).cast("int64").cast("float64").sum() / UNITS


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
