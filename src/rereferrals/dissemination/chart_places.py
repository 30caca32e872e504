"""Where the rows of a chart's table stand in its pictures, so that a page can tell the values under the pointer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Span = tuple[float, float]
#: What a specification says beside what is drawn; the drawing engine leaves it alone.
_BESIDE = "usermeta"
#: Where the plot of a drawn picture has its origin.
_ORIGIN = re.compile(r'transform="translate\(([\d.]+),([\d.]+)\)"')


@dataclass(frozen=True)
class Places:
    """From where to where the rows of a table reach in a picture, in order, along its width ("x") or height ("y"), of
    which they are parts from 0 to 1. A table can go on with rows that have no place of their own."""

    axis: str
    spans: tuple[Span, ...]

    @property
    def written(self) -> str:
        """Where each row begins and ends, to a thousandth."""
        return " ".join(f"{edge:.3f}" for span in self.spans for edge in span)


def with_places(specification: dict[str, Any], axis: str, spans: Iterable[Span]) -> dict[str, Any]:
    """A specification that says where the rows stand, in pixels from the origin of its plot."""
    return specification | {_BESIDE: {"axis": axis, "spans": [list(span) for span in spans]}}


def places_in(specification: dict[str, Any], svg: str) -> Places | None:
    """Where the rows stand in the picture of a specification, or None if it does not say."""
    said = specification.get(_BESIDE)
    if said is None:
        return None
    side, number = ("width", 0) if said["axis"] == "x" else ("height", 1)
    size = re.search(rf' {side}="([\d.]+)"', svg)
    origin = _ORIGIN.search(svg)
    assert size is not None and origin is not None
    start, whole = float(origin.groups()[number]), float(size[1])
    spans = (tuple((start + edge) / whole for edge in span) for span in said["spans"])
    return Places(said["axis"], tuple((first, last) for first, last in spans))


def in_steps(count: int, size: float) -> list[Span]:
    """So many spans of equal length, one after the other."""
    return list(pairwise(size * n / count for n in range(count + 1)))


def around(places: list[float]) -> list[Span]:
    """Spans that meet halfway between two places or more, in order; the outer ones reach as far beyond them."""
    middles = [(one + other) / 2 for one, other in pairwise(places)]
    return list(pairwise([2 * places[0] - middles[0], *middles, 2 * places[-1] - middles[-1]]))
