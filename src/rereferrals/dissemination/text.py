"""Numbers and symbols as readers see them, and text made safe for a page."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from rereferrals.published import SYMBOLS

NUMBER = re.compile(r"-?\d+(\.\d+)?")
#: Named here, because Python's names follow the locale, which Sphinx sets from the environment.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def in_words(day: date) -> str:
    """A date as pages write it: 5 December 2024."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def literal(text: str) -> str:
    """Markdown that shows the text as it is, whatever it holds, on one line."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def raw_html(content: str) -> str:
    """Markdown that puts HTML on a page as it is, whatever it holds."""
    return f"```{{raw}} html\n{content.replace('`', '&#96;')}\n```" if content else ""


def with_commas(published: str) -> str:
    """A published cell with thousands commas and a true minus: `621880` is `621,880`, `-0.5` is `−0.5`; a symbol or
    other text is as it was."""
    if not NUMBER.fullmatch(published):
        return published
    whole, point, decimals = published.removeprefix("-").partition(".")
    return f"{'−' if published.startswith('-') else ''}{int(whole):,}{point}{decimals}"


def half_up(number: Fraction) -> int:
    """The nearest whole number to one that is not negative, halves up."""
    return int((number + Fraction(1, 2)) // 1)


def escape(text: str) -> str:
    """Text that is safe between HTML tags and in attributes."""
    return html.escape(text, quote=True)


def listed(items: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; or with another conjunction."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of cells as CSV: UTF-8, with line feeds."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def symbols_in(cells: list[str]) -> dict[str, str]:
    """The symbols among these cells with their meanings, in the order of `published.SYMBOLS`."""
    used = set(cells)
    return {symbol: meaning for symbol, meaning in SYMBOLS.items() if symbol in used}
