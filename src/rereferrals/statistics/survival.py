"""Survival from life tables: probabilities, competing outcomes and mean times, with errors that allow for children who
have several cases (M23).

Errors are those of the influence of each case on the logarithm of survival, summed within each child: the variance is
that of independent cases, which is Greenwood's, and for every two cases of one child twice the product of their
influences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from rereferrals.statistics.life_tables import Counts, LifeTable

Floats = npt.NDArray[np.float64]
CONFIDENCE = 0.95
NORMAL = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
#: Draws from which the width of a band is taken, and what makes them the same every time.
DRAWS, PARTS, SEED = 5000, 5, 23
#: What is left of a variance of 1 if others tell the value.
TOLD = 1e-9


def survival(table: LifeTable) -> Floats:
    """The Kaplan–Meier estimate for each day: the share not re-referred by the end of it."""
    return np.cumprod(1 - _share(table.rereferred, table.at_risk))


def incidence(table: LifeTable) -> tuple[Floats, Floats]:
    """The Aalen–Johansen estimates for each day: the shares re-referred by then, and of age by then without that."""
    ending = table.rereferred + table.of_age
    before = np.concatenate([[1.0], np.cumprod(1 - _share(ending, table.at_risk))[:-1]])
    rereferred, of_age = (_share(counts, table.at_risk) for counts in (table.rereferred, table.of_age))
    return np.cumsum(before * rereferred), np.cumsum(before * of_age)


def mean_days(table: LifeTable) -> float:
    """The restricted mean: days without a re-referral, on average, of all days before the last of the table."""
    return float(survival(table)[:-1].sum())


def influence_covariance(table: LifeTable, pairs: Counts, month_ends: Sequence[int]) -> Floats:
    """The covariance of minus the logarithm of survival between the ends of months.

    pairs: how many pairs of cases of one child there are by the endings of the two, as `pairs_of` gives them.
    Within a month, cases that end alike are taken to have the mean of their influences, but only in pairs.
    """
    months, days = len(month_ends), np.arange(len(table.leaving))
    per_case = _share(np.ones_like(table.at_risk), table.at_risk - table.rereferred)
    compensator = np.cumsum(per_case * _share(table.rereferred, table.at_risk))
    month = np.searchsorted(month_ends, days)
    number = np.stack([table.leaving - table.rereferred, table.rereferred])
    influence = np.stack([-compensator, per_case - compensator])
    count, total, square = (
        np.stack([np.bincount(month, values, months + 1) for values in number * influence**power]) for power in range(3)
    )

    at_end = compensator[np.asarray(month_ends)]
    ended, summed, squared = (np.cumsum(part.sum(axis=0))[:months] for part in (count, total, square))
    earlier, later = np.minimum.outer(range(months), range(months)), np.maximum.outer(range(months), range(months))
    within = squared[earlier] - at_end[earlier] * (summed[later] - summed[earlier])
    own = within + (table.leaving.sum() - ended[later]) * np.multiply.outer(at_end, at_end)

    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0).T.ravel()
    has_ended = np.repeat(np.arange(months + 1), 2)[None, :] <= np.arange(months)[:, None]
    of_ending = np.where(has_ended, mean[None, :], -at_end[:, None])
    shared = np.einsum("ik,kl->il", of_ending, pairs + pairs.T)
    return np.asarray(own + np.einsum("ik,jk->ij", shared, of_ending))


def pairs_of(counts: pd.DataFrame, month_ends: Sequence[int]) -> list[Counts]:
    """Pairs by the endings of their cases, as a matrix for each column of counts beside `ending` and `ending_right`.

    An ending is twice the place of the first of `month_ends` that is not before the case leaves observation, and one
    more if that is by a re-referral.
    """
    size = 2 * (len(month_ends) + 1)
    matrices = np.zeros((len(counts.columns) - 2, size, size), np.int64)
    matrices[:, counts["ending"], counts["ending_right"]] = counts.to_numpy()[:, 2:].T
    return [*matrices]


@dataclass(frozen=True)
class Curve:
    """Estimates at the ends of months since closure, from a life table and the pairs of cases of one child."""

    table: LifeTable
    pairs: Counts
    month_ends: Sequence[int]

    @cached_property
    def covariance(self) -> Floats:
        """That of minus the logarithm of survival between the ends of months."""
        return influence_covariance(self.table, self.pairs, self.month_ends)

    @cached_property
    def probability(self) -> Floats:
        """Of a re-referral by the end of each month; not a number where nobody is observed in it."""
        return self._at_ends(1 - survival(self.table))

    @cached_property
    def incidences(self) -> tuple[Floats, Floats]:
        """As `survival.incidence`, at the end of each month."""
        rereferred, of_age = incidence(self.table)
        return self._at_ends(rereferred), self._at_ends(of_age)

    @cached_property
    def limits(self) -> tuple[Floats, Floats]:
        """Of the 95% interval for each probability."""
        return self._limits(NORMAL)

    @cached_property
    def band(self) -> tuple[Floats, Floats]:
        """Within which the whole curve lies with 95% confidence."""
        return self._limits(widest_deviation(self.covariance))

    @cached_property
    def mean_days(self) -> tuple[float, float, float]:
        """The restricted mean and the limits of its 95% interval; not numbers if nobody is observed to the end."""
        if np.isnan(self.probability[-1]):
            return np.nan, np.nan, np.nan
        mean, chances = mean_days(self.table), survival(self.table)[:-1]
        month = np.searchsorted(self.month_ends, np.arange(len(chances)))
        weight = np.bincount(month, chances, len(self.month_ends))
        error = NORMAL * float(np.sqrt(weight @ self.covariance @ weight))
        return mean, mean - error, mean + error

    def _at_ends(self, daily: Floats) -> Floats:
        ends = np.asarray(self.month_ends)
        starts = np.concatenate([[0], ends[:-1] + 1])
        is_observed = (self.table.at_risk[starts] > 0) | (daily[ends] >= 1)
        return np.where(is_observed, daily[ends], np.nan)

    def _limits(self, errors: float) -> tuple[Floats, Floats]:
        """So many standard errors to each side, on the scale of the logarithm of minus that of survival."""
        with np.errstate(divide="ignore", invalid="ignore"):
            hazard = -np.log(1 - self.probability)
            apart = np.exp(errors * np.sqrt(np.diag(self.covariance)) / hazard)
            lower, upper = 1 - np.exp(-hazard / apart), 1 - np.exp(-hazard * apart)
        return lower, upper


def widest_deviation(covariance: Floats) -> float:
    """How many standard errors wide a band must be to hold a whole curve, by simulation (the sup-t band).

    It is that of a plain interval where no value varies. Matrices are multiplied and taken roots of in one order, which
    on several cores is not a library's way, so that the same counts give the same figures on every machine.
    """
    error = np.sqrt(np.diag(covariance))
    varying = np.flatnonzero(error > 0)
    if not len(varying):
        return NORMAL
    correlation = covariance[np.ix_(varying, varying)] / np.multiply.outer(error[varying], error[varying])
    root, draws = _root(correlation), _draws(len(covariance))
    deviations = [np.abs(np.einsum("ik,kj->ij", root, part[: len(varying)])).max(axis=0) for part in draws]
    return max(NORMAL, float(np.quantile(np.concatenate(deviations), CONFIDENCE)))


def _root(correlation: Floats) -> Floats:
    """Cholesky's: lower triangular, and its product with its transpose is the correlation. A value that those before it
    tell adds nothing."""
    root, left = np.zeros_like(correlation), correlation.copy()
    for n in range(len(root)):
        if left[n, n] > TOLD:
            root[:, n] = left[:, n] / np.sqrt(left[n, n])
            left -= np.multiply.outer(root[:, n], root[:, n])
    return root


@cache
def _draws(size: int) -> list[Floats]:
    """A column for each draw, some at a time, which is quicker."""
    return [part.T.copy() for part in np.split(np.random.default_rng(SEED).standard_normal((DRAWS, size)), PARTS)]


def _share(part: Counts, whole: Counts) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
