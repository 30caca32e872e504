"""What the platform lets through and a reader should not meet: our own checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rereferrals.published import FORMULA, NUMBER, SYMBOLS
from rereferrals.screener.checks import fails
from rereferrals.screener.files import Files

#: Decimal places that the platform shows of an indicator that does not say how many it has.
PLACES_UNSAID = 2


@fails
def val_ind_in_data(files: Files) -> Iterator[str]:
    """Every indicator of the metadata is in the data."""
    for name in files.indicators:
        if name not in files.data.columns:
            yield f"the indicator {name!r} is no column of the data: add the column, or leave its row out"


@fails
def val_ind_number(files: Files) -> Iterator[str]:
    """Every cell of an indicator is a symbol or a number as published, with no more decimal places than it says."""
    for row in files.of_type("Indicator"):
        places = int(row["indicator_dp"] or PLACES_UNSAID)
        for fault in files.data.where([row["col_name"]], _not_published(places)):
            yield (
                f"{fault}, which is neither a symbol nor a number of at most {places} decimal places without trailing "
                f"zeros: write a number so, or one of {', '.join(SYMBOLS)}"
            )


def _not_published(places: int) -> Callable[[str], bool]:
    """Whether a cell is neither a symbol nor a number as published of at most so many decimal places."""
    return lambda cell: cell not in SYMBOLS and not (NUMBER.fullmatch(cell) and len(cell.partition(".")[2]) <= places)


@fails
def val_formula(files: Files) -> Iterator[str]:
    """No cell, label or name of a column begins like a formula."""
    for table in (files.data, files.metadata):
        for name in table.columns:
            if FORMULA.match(name):
                yield f"the column {name!r} begins like a formula: call it by another name"
        for fault in table.where(table.columns, lambda cell: FORMULA.match(cell) and not NUMBER.fullmatch(cell)):
            yield f"{fault}, which a spreadsheet would take for a formula: begin it with a letter or digit"


CHECKS = (val_ind_in_data, val_ind_number, val_formula)
