"""Where things stand in a picture, in pixels: how wide text is, what fits beside what, and round numbers for axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Widths of Arial's characters, in thousandths of its size; of those not listed, 556.
_WIDTHS: Mapping[str, int] = {
    character: width
    for width, characters in {
        191: "'", 222: "ijl‘’", 278: " !,./:;I[\\]ft", 333: "()-r`", 500: "Jckvsxyz", 584: "+<=>~", 611: "FTZ",
        667: "&ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1000: "—…",
    }.items()
    for character in characters
}  # fmt: skip


#: How much wider bold text is.
BOLD = 1.1


def text_width(text: str, size: float) -> float:
    """How wide a line of text is."""
    return size * sum(_WIDTHS.get(character, 556) for character in text) / 1000


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Text in lines no wider than `width`, broken between words; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def ticks(highest: float, about: int) -> list[float]:
    """Round values from zero to one that is not below `highest`, in about so many steps of 1, 2 or 5 times a power
    of ten, as the drawing engine chooses them."""
    step = _step(highest, about)
    return [round(step * n, 10) for n in range(max(1, math.ceil(round(highest / step, 9))) + 1)]


def ticks_between(lowest: float, highest: float, about: int) -> list[float]:
    """Round values as `ticks` gives them, from one that is not above `lowest`."""
    step = _step(highest - lowest, about)
    first, last = math.floor(round(lowest / step, 9)), math.ceil(round(highest / step, 9))
    return [round(step * n, 10) for n in range(first, max(last, first + 1) + 1)]


def _step(extent: float, about: int) -> float:
    """A round step that goes about so many times into an extent."""
    step = extent / about if extent > 0 else 1.0
    power: float = 10 ** math.floor(math.log10(step))
    error = step / power
    return power * (
        10 if error >= math.sqrt(50) else 5 if error >= math.sqrt(10) else 2 if error >= math.sqrt(2) else 1
    )


def spread(wanted: Sequence[float], apart: float) -> list[float]:
    """Positions as near to those wanted as can be, in the same order, and at least so far `apart`."""
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    groups: list[list[float]] = []  # each: the first position of a run that stands close, and its members
    for n in order:
        groups.append([wanted[n]])
        while len(groups) > 1 and _start(groups[-2], apart) + apart * len(groups[-2]) > _start(groups[-1], apart):
            groups[-2:] = [groups[-2] + groups[-1]]
    placed = [_start(group, apart) + apart * k for group in groups for k in range(len(group))]
    return [place for _, place in sorted(zip(order, placed, strict=True))]


def _start(group: list[float], apart: float) -> float:
    return sum(group) / len(group) - apart * (len(group) - 1) / 2


@dataclass(frozen=True)
class Callouts:
    """Names on lines of their own above what they name, each tied to it by a stroke that crosses no other name.

    `lines` counts from the top, 0 being the topmost; text begins at its stroke or, if `align` is right, ends there.
    """

    align: str
    lines: tuple[int, ...]


def callouts(at: Sequence[float], widths: Sequence[float], left: float, right: float) -> Callouts | None:
    """Where names of these widths can stand above these places, between `left` and `right`; None if they cannot."""
    order = sorted(range(len(at)), key=lambda n: at[n])
    if all(place + width <= right for place, width in zip(at, widths, strict=True)):
        return Callouts("left", tuple(order.index(n) for n in range(len(at))))
    if all(place - width >= left for place, width in zip(at, widths, strict=True)):
        return Callouts("right", tuple(len(at) - 1 - order.index(n) for n in range(len(at))))
    return None
