"""How referral rates and re-referral percentages of authorities go with their deprivation (M21: F3, F3b, F3c, F3d)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from operator import attrgetter

import numpy as np

from rereferrals import areas
from rereferrals.datasets.regional import F1, F3, F3_ASSOCIATIONS, F3_GROUPS, F3_PAIRS
from rereferrals.measures import regional as measures
from rereferrals.measures.referrals import REREFERRAL_RATE
from rereferrals.measures.regional import REFERRAL_RATE
from rereferrals.model import Estimate
from rereferrals.places import inference
from rereferrals.places.cells import Tables, by_authority, england_in, exact, keys_of, shown, table_of
from rereferrals.places.inference import Interval
from rereferrals.published import WHOLE, PublishedTable
from rereferrals.release import Release

PER_CENT = 100
FIFTHS = len(measures.DEPRIVATION_GROUP.categories)
#: Two rates are about the same if they differ by no more than this share of their mean.
ABOUT_THE_SAME = Fraction(5, 100)


@dataclass(frozen=True)
class Authority:
    """The figures of an authority in a year, as published, with its score; `fifth` is 1 for the most deprived."""

    old_la_code: str
    rate: Fraction
    rereferrals: Fraction
    score: Fraction
    fifth: int

    @property
    def initial_rate(self) -> Fraction:
        """Initial referrals per 10,000 children: the referral rate without the re-referrals in it."""
        return self.rate * (1 - self.rereferrals / PER_CENT)


Of = Callable[[Authority], Fraction]
_rate: Of = attrgetter("rate")
_initial_rate: Of = attrgetter("initial_rate")
_rereferrals: Of = attrgetter("rereferrals")
_score: Of = attrgetter("score")

#: Which two things are correlated, and what is held equal then.
ASSOCIATIONS: Mapping[str, tuple[Of, Of, Of | None]] = {
    measures.RATE_BY_DEPRIVATION: (_rate, _score, None),
    measures.INITIAL_RATE_BY_DEPRIVATION: (_initial_rate, _score, None),
    measures.REREFERRALS_BY_DEPRIVATION: (_rereferrals, _score, None),
    measures.REREFERRALS_BY_RATE: (_rereferrals, _rate, None),
    measures.AT_EQUAL_RATE: (_rereferrals, _score, _rate),
    measures.AT_EQUAL_INITIAL_RATE: (_rereferrals, _score, _initial_rate),
}
RATES: Mapping[str, Of] = {measures.EQUAL_RATE: _rate, measures.EQUAL_INITIAL_RATE: _initial_rate}


def of_authorities(tables: Tables, release: Release) -> PublishedTable:
    """F3: the authorities of the release's latest year, each with its score and its fifth; `x` if it has no score."""
    scores, rows = _scores(release), by_authority(tables[F1.id])
    fifths = fifths_of({code: scores[code] for code, year in rows if year == release.year and code in scores})
    carried = (REFERRAL_RATE.name, REREFERRAL_RATE.name)
    return table_of(
        F3,
        [
            keys_of(row)
            | {name + suffix: row[name + suffix] for name in carried for suffix in ("", WHOLE)}
            | {
                measures.DEPRIVATION_SCORE.name: shown(scores[code], measures.DEPRIVATION_SCORE)
                if code in scores
                else "x",
                measures.DEPRIVATION_RANK.name: str(fifths.get(code, "x")),
            }
            for (code, year), row in rows.items()
            if year == release.year
        ],
    )


def fifths_of(scores: Mapping[str, Fraction]) -> dict[str, int]:
    """The fifth of each authority by its score, of which 1 is the most deprived.

    It is 1 where fewer than a fifth of all authorities are more deprived, and so on; so equal scores share a fifth, and
    without equal ones no fifth has more than one authority more than another.
    """
    ordered = sorted(scores.values())
    above = {score: len(ordered) - bisect_right(ordered, score) for score in ordered}
    return {code: FIFTHS * above[score] // len(scores) + 1 for code, score in scores.items()}


def associations(tables: Tables, release: Release) -> PublishedTable:
    """F3b: correlations of authorities in a year, each with its interval."""
    return table_of(
        F3_ASSOCIATIONS,
        [
            england_in(year)
            | dict(zip((f.name for f in F3_ASSOCIATIONS.filters), (association, by, covered), strict=True))
            | _cells(
                _association(authorities, association, by == measures.RANKS),
                (measures.CORRELATION, measures.CORRELATION_LOWER, measures.CORRELATION_UPPER),
            )
            | {measures.AUTHORITIES.name: str(len(authorities))}
            for year, covered, authorities in _covered(tables, release)
            for association, by in product(ASSOCIATIONS, measures.COMPARED_BY.categories)
        ],
    )


def _association(authorities: Sequence[Authority], association: str, by_ranks: bool) -> Interval:
    first, second, held_equal = (
        of and [of(authority) for authority in authorities] for of in ASSOCIATIONS[association]
    )
    assert first is not None and second is not None
    if by_ranks:
        first, second = inference.ranks(first), inference.ranks(second)
        held_equal = held_equal and inference.ranks(held_equal)
    return inference.correlation_interval(
        inference.correlation(first, second, held_equal),
        len(authorities),
        held_equal=int(ASSOCIATIONS[association][2] is not None),
        variance=inference.RANK_VARIANCE if by_ranks else inference.PEARSON_VARIANCE,
    )


def groups(tables: Tables, release: Release) -> PublishedTable:
    """F3c: means of the authorities of each fifth in a year, each with its interval; the smallest are left out."""
    return table_of(
        F3_GROUPS,
        [
            england_in(year)
            | {measures.DEPRIVATION_GROUP.name: label}
            | _means([a for a in authorities if a.fifth == fifth])
            for year, covered, authorities in _covered(tables, release)
            if covered == measures.ALL_BUT_SMALLEST
            for fifth, label in enumerate(measures.DEPRIVATION_GROUP.categories, 1)
        ],
    )


def _means(authorities: Sequence[Authority]) -> dict[str, str]:
    rate = inference.mean_interval([authority.rate for authority in authorities])
    rereferrals = inference.mean_interval([authority.rereferrals for authority in authorities])
    return (
        _cells(rate, (measures.MEAN_RATE, measures.MEAN_RATE_LOWER, measures.MEAN_RATE_UPPER))
        | _cells(
            rereferrals,
            (measures.MEAN_REREFERRALS, measures.MEAN_REREFERRALS_LOWER, measures.MEAN_REREFERRALS_UPPER),
        )
        | {measures.AUTHORITIES.name: str(len(authorities))}
    )


def pairs(tables: Tables, release: Release) -> PublishedTable:
    """F3d: of pairs of authorities at about the same rate in a year, in how many the less deprived has the higher
    re-referral percentage."""
    return table_of(
        F3_PAIRS,
        [
            england_in(year)
            | {measures.RATE_HELD_EQUAL.name: held, measures.AUTHORITIES_COVERED.name: covered}
            | _less_deprived_higher(authorities, of)
            for year, covered, authorities in _covered(tables, release)
            for held, of in RATES.items()
        ],
    )


def _less_deprived_higher(authorities: Sequence[Authority], rate: Of) -> dict[str, str]:
    count, interval = paired([(rate(a), a.rereferrals, a.score) for a in authorities])
    ends = (
        measures.LESS_DEPRIVED_HIGHER,
        measures.LESS_DEPRIVED_HIGHER_LOWER,
        measures.LESS_DEPRIVED_HIGHER_UPPER,
    )
    return _cells(interval, ends) | {
        measures.PAIRS.name: str(count),
        measures.AUTHORITIES.name: str(len(authorities)),
    }


def paired(authorities: Sequence[tuple[Fraction, Fraction, Fraction]]) -> tuple[int, Interval]:
    """Pairs of authorities at about the same rate and of different deprivation: how many, and the percentage of them in
    which the less deprived has the higher re-referral percentage, where equal ones count half.

    `authorities` are rates, re-referral percentages and scores. Pairs share authorities, so the interval follows from
    leaving each authority out in turn.
    """
    if not authorities:
        return 0, Interval(None)
    rate, rereferrals, score = (np.array(inference.whole(values)) for values in zip(*authorities, strict=True))
    apart, together = abs(rate[:, None] - rate), rate[:, None] + rate
    share = ABOUT_THE_SAME / 2
    chosen = (share.denominator * apart <= share.numerator * together) & (score[:, None] < score)
    #: Twice what a pair counts: that of a less deprived authority, its row, and a more deprived one, its column.
    higher = np.where(chosen, 1 + np.sign(rereferrals[:, None] - rereferrals), 0)
    total, won = int(chosen.sum()), int(higher.sum())
    if not total:
        return 0, Interval(None)
    percentage = Fraction(PER_CENT * won, 2 * total)
    left = total - chosen.sum(axis=0) - chosen.sum(axis=1)
    if not left.all():
        return total, Interval(percentage)
    without = PER_CENT * (won - higher.sum(axis=0) - higher.sum(axis=1)) / (2 * left)
    half = inference.jackknife_half_width(without.tolist())
    return total, Interval(percentage, max(float(percentage) - half, 0), min(float(percentage) + half, PER_CENT))


def _covered(tables: Tables, release: Release) -> Iterator[tuple[int, str, list[Authority]]]:
    """For each year and each choice of authorities, those that have all figures and a score."""
    scores, rows = _scores(release), by_authority(tables[F1.id])
    for year in release.years:
        present = {code: row for (code, of), row in rows.items() if of == year and code in scores}
        fifths = fifths_of({code: scores[code] for code in present})
        authorities = [
            Authority(code, rate, rereferrals, scores[code], fifths[code])
            for code, row in present.items()
            if (rate := exact(row[REFERRAL_RATE.name])) is not None
            and (rereferrals := exact(row[REREFERRAL_RATE.name])) is not None
        ]
        large = [authority for authority in authorities if authority.old_la_code not in release.places.too_small]
        yield year, measures.ALL_BUT_SMALLEST, large
        yield year, measures.ALL_AUTHORITIES, authorities


def _scores(release: Release) -> dict[str, Fraction]:
    return areas.deprivation(release.places.deprivation_index, release.places.deprivation_vintage)


def _cells(interval: Interval, estimates: tuple[Estimate, Estimate, Estimate]) -> dict[str, str]:
    return {estimate.name: shown(value, estimate) for estimate, value in zip(estimates, interval, strict=True)}
