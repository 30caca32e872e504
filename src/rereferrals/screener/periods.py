"""Times: what they are called, and how they are written."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator

from rereferrals.screener.checks import fails
from rereferrals.screener.files import Files

#: Names of times that may stand in one file, with the digits that their periods have.
GROUPS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("Calendar year",), 4),
    (("Reporting year",), 4),
    (("Academic year",), 6),
    (("Financial year",), 6),
    (("Tax year",), 6),
    (("Autumn term", "Spring term", "Summer term"), 6),
    (("Autumn and spring term",), 6),
    (tuple(f"Financial year Q{quarter}" for quarter in range(1, 5)), 6),
    (("Part 1 (April to September)", "Part 2 (October to March)"), 6),
    (tuple(f"Week {week}" for week in range(1, 53)), 4),
    (tuple(calendar.month_name[1:]), 4),
)
DIGITS = {name: digits for names, digits in GROUPS for name in names}


@fails
def time_period_num(files: Files) -> Iterator[str]:
    """Every time_period is of four or six digits."""
    for fault in files.data.where(["time_period"], lambda cell: not re.fullmatch("[0-9]{4}([0-9]{2})?", cell)):
        yield f"{fault}: write four or six digits"


@fails
def time_id_valid(files: Files) -> Iterator[str]:
    """Every time_identifier is one that the platform knows."""
    for fault in files.data.where(["time_identifier"], lambda cell: cell not in DIGITS):
        yield f"{fault}, which the platform does not know: write it as in 'Reporting year'"


@fails
def time_id_mix(files: Files) -> Iterator[str]:
    """Times of one file are of one kind."""
    there = files.data.items("time_identifier")
    kinds = [[name for name in there if name in names] for names, _ in GROUPS]
    first = [kind[0] for kind in kinds if kind]
    if len(first) > 1:
        yield f"time_identifier has {' and '.join(map(repr, first))}: make a file of each"


PRECHECKS = (time_period_num, time_id_valid, time_id_mix)


@fails
def time_period(files: Files) -> Iterator[str]:
    """Every time_period has the digits that its identifier asks for."""
    name = files.data.items("time_identifier")[0]
    for fault in files.data.where(["time_period"], lambda cell: len(cell) != DIGITS[name]):
        yield f"{fault}, and {name!r} has {DIGITS[name]} digits: write it so"


@fails
def time_period_six(files: Files) -> Iterator[str]:
    """A time_period of six digits is of a year and the next."""
    for fault in files.data.where(
        ["time_period"], lambda cell: len(cell) == 6 and (int(cell[2:4]) + 1) % 100 != int(cell[4:])
    ):
        yield f"{fault}, which is not a year and the next: write it as in 199900"


CHECKS = (time_period, time_period_six)
