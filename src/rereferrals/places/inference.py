"""Estimates with their uncertainty. Sums are exact, so that the order of observations changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import atanh, comb, copysign, fsum, lcm, sqrt, tanh
from statistics import NormalDist
from typing import NamedTuple

from scipy.special import stdtrit

CONFIDENCE = Fraction(95, 100)
#: The share of all estimates that an interval leaves out on each side.
TAIL = (1 - CONFIDENCE) / 2
NORMAL = NormalDist().inv_cdf(float(1 - TAIL))
#: The variance of Fisher's z is 1 / (n - 3), and one less for each variable that is held equal.
FISHER = 3
PEARSON_VARIANCE = Fraction(1)
#: The variance of Fisher's z is so much larger for ranks (Fieller, Hartley and Pearson, Biometrika 44, page 470).
RANK_VARIANCE = Fraction(106, 100)

Number = Fraction | float


class Interval(NamedTuple):
    """An estimate and the ends of its interval; None where there is none."""

    estimate: Number | None
    lower: Number | None = None
    upper: Number | None = None


def mean(values: Sequence[Fraction]) -> Fraction:
    """The mean of one or more numbers."""
    return sum(values, Fraction(0)) / len(values)


def mean_interval(values: Sequence[Fraction]) -> Interval:
    """A mean with its t interval: for values that are as if drawn independently and whose mean is about normal."""
    count = len(values)
    if count < 2:
        return Interval(mean(values) if values else None)
    middle = mean(values)
    variance = sum(((value - middle) ** 2 for value in values), Fraction(0)) / (count - 1)
    half = _t(count - 1) * sqrt(variance / count)
    return Interval(middle, float(middle) - half, float(middle) + half)


def ranks(values: Sequence[Fraction]) -> list[Fraction]:
    """The rank of each value from the lowest, 1; equal ones all have the middle of their ranks."""
    numbers = whole(values)
    below, middle = 0, {}
    for number, count in sorted(Counter(numbers).items()):
        middle[number] = below + Fraction(count + 1, 2)
        below += count
    return [middle[number] for number in numbers]


def whole(values: Sequence[Fraction]) -> list[int]:
    """The values times their common denominator, which leaves order, ratios and correlations as they are."""
    common = lcm(*(value.denominator for value in values))
    return [value.numerator * (common // value.denominator) for value in values]


def correlation(x: Sequence[Fraction], y: Sequence[Fraction], given: Sequence[Fraction] | None = None) -> float | None:
    """Pearson's correlation, or with `given` the partial one: of what is left of both when their linear dependence on
    `given` is taken out. None where one of them does not vary then."""
    first, second = whole(x), whole(y)
    xx, xy, yy = _products(first, first), _products(first, second), _products(second, second)
    if given is not None:
        z = whole(given)
        xz, yz, zz = _products(first, z), _products(second, z), _products(z, z)
        xx, xy, yy = xx * zz - xz * xz, xy * zz - xz * yz, yy * zz - yz * yz
    return copysign(sqrt(Fraction(xy * xy, xx * yy)), xy) if xx and yy else None


def correlation_interval(
    r: float | None, count: int, held_equal: int = 0, variance: Fraction = PEARSON_VARIANCE
) -> Interval:
    """A correlation of `count` observations with the interval of Fisher's z, while `held_equal` other variables are
    held equal. `variance` is by how much that of z is larger than of two normal variables."""
    freedom = count - FISHER - held_equal
    if r is None or freedom <= 0:
        return Interval(r)
    if abs(r) == 1:
        return Interval(r, r, r)
    half = NORMAL * sqrt(variance / freedom)
    return Interval(r, tanh(atanh(r) - half), tanh(atanh(r) + half))


def median_interval(values: Sequence[Fraction]) -> tuple[Fraction, Fraction] | None:
    """The ends of the narrowest interval between two values, as far from the lowest as from the highest, that covers
    the median at least as often as CONFIDENCE says, whatever the distribution. None if there are too few values."""
    count, outside, place = len(values), 0, 0
    while place < count // 2 and outside + comb(count, place) <= TAIL * 2**count:
        outside += comb(count, place)
        place += 1
    ordered = sorted(values)
    return (ordered[place - 1], ordered[count - place]) if place else None


def sign_test(differences: Sequence[Fraction]) -> Fraction | None:
    """The probability of signs at least as uneven, either way, if each were as likely up as down. Zeros are left out;
    None if there is nothing."""
    if not differences:
        return None
    up, down = (sum(sign * value > 0 for value in differences) for sign in (1, -1))
    ways = sum(comb(up + down, fewer) for fewer in range(min(up, down) + 1))
    return min(Fraction(1), Fraction(2 * ways, 2 ** (up + down)))


def jackknife_half_width(without: Sequence[float]) -> float:
    """How far the interval of an estimate reaches on both sides, from what it is `without` each of the observations."""
    count = len(without)
    middle = fsum(without) / count
    return _t(count - 1) * sqrt((count - 1) / count * fsum((value - middle) ** 2 for value in without))


def _t(freedom: int) -> float:
    return float(stdtrit(freedom, float(1 - TAIL)))


def _products(x: Sequence[int], y: Sequence[int]) -> int:
    """The sum of products of deviations from the means, times the number of observations."""
    return len(x) * sum(a * b for a, b in zip(x, y, strict=True)) - sum(x) * sum(y)
