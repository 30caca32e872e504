"""Tables of shares and of whole numbers: fitted to their margins, and rounded so that sums stay right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
ROUNDS = 2_500
CLOSE = 1e-10


@dataclass(frozen=True)
class Constraint:
    """What a table must show: of its cells in `base`, those that are also in `part` hold this share."""

    base: Mask
    part: Mask
    share: float


def raked(seed: Floats, constraints: Sequence[Constraint]) -> Floats:
    """The table nearest to `seed` in the sense of iterative proportional fitting that meets all constraints.

    A constraint moves its cells by one factor and the rest of its base by another, so what is not constrained stays in
    proportion. Raises ValueError if the constraints contradict one another.
    """
    table = seed.copy()
    for _ in range(ROUNDS):
        before = table.copy()
        for constraint in constraints:
            part, rest = constraint.base & constraint.part, constraint.base & ~constraint.part
            total, inside = table[constraint.base].sum(), table[part].sum()
            table[part] *= constraint.share * total / inside
            table[rest] *= (1 - constraint.share) * total / max(total - inside, CLOSE)
        if np.abs(table - before).max() <= CLOSE * table.sum():
            return table
    raise ValueError("the shares asked of a table contradict one another")


def fitted(seed: Floats, rows: Floats, columns: Floats) -> Floats:
    """The table with these sums of rows and columns whose odds are those of `seed`; as near as 50 rounds come."""
    table = np.maximum(seed, CLOSE)
    for _ in range(50):
        table = table * (rows / np.maximum(table.sum(axis=1), CLOSE))[:, None]
        table = table * (columns / np.maximum(table.sum(axis=0), CLOSE))
    return table


def share_out(values: Floats, scale: float) -> Counts:
    """Whole numbers near `values * scale` of which every run has nearly the right sum."""
    edges = np.floor(np.cumsum(values) * scale + 0.5).astype(np.int64)
    return np.diff(edges, prepend=0)


def whole(expected: Floats, row_sums: Counts) -> Counts:
    """Whole numbers near `expected` with these sums of rows; what rounding took from a column the next row gives."""
    rounded = np.zeros(expected.shape, np.int64)
    owed = np.zeros(expected.shape[1])
    for row, total in enumerate(row_sums.tolist()):
        owed += expected[row]
        number = np.maximum(np.floor(owed), 0).astype(np.int64)
        while (missing := total - int(number.sum())) != 0:
            due = owed - number
            step = 1 if missing > 0 else -1
            places = np.argsort(-due * step, kind="stable")
            places = places if step > 0 else places[number[places] > 0]
            number[places[: abs(missing)]] += step
        rounded[row] = number
        owed -= number
    return rounded
