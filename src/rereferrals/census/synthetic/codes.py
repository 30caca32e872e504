"""Codes by number: a code is held as its position in its code set, a set of codes as bits, and both are drawn."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from rereferrals import reference
from rereferrals.census.synthetic.targets import parameters

Floats = npt.NDArray[np.float64]


@cache
def codes(code_set: str) -> tuple[str, ...]:
    """The codes of a code set, in order, each once."""
    return tuple(dict.fromkeys(c.code for c in reference.code_set(code_set)))


@cache
def valid(code_set: str, year: int) -> npt.NDArray[np.bool_]:
    """Which of `codes` may be used in a collection year; the oldest known are taken to be older than they are."""
    known = reference.code_set(code_set)
    oldest = min(c.valid_from_year for c in known)
    usable = {c.code for c in known if c.valid(max(year, oldest))}
    return np.array([code in usable for code in codes(code_set)])


def shares(name: str, code_set: str | None = None) -> Floats:
    """The shares that the parameters give to the codes of a code set, in its order."""
    given = parameters()[name]
    return np.array([given.get(code, 0.0) for code in codes(code_set or name)])


def draw_codes(
    rng: np.random.Generator, size: int, year: int | None, name: str, code_set: str | None = None
) -> npt.NDArray[np.int8]:
    """Codes drawn by their shares, among those that may be used in a collection year if one is given."""
    weight = shares(name, code_set) * (valid(code_set or name, year) if year else 1)
    return np.searchsorted(np.cumsum(weight / weight.sum())[:-1], rng.random(size)).astype(np.int8)


def draw_code_sets(rng: np.random.Generator, size: int, name: str) -> npt.NDArray[np.uint64]:
    """Sets of codes, each code in or out by its share, as bits."""
    weight = shares(name).astype(np.float32)
    drawn = np.zeros((size, 64), np.bool_)
    drawn[:, : len(weight)] = rng.random((size, len(weight)), dtype=np.float32) < weight
    return np.packbits(drawn, axis=1, bitorder="little").view(np.uint64).ravel()
