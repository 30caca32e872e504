"""Parts of prose pages that follow from declarations: data sets, symbols, returns that could not be used."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from rereferrals import reference
from rereferrals.datasets.registry import SECTIONS
from rereferrals.dissemination import components as html
from rereferrals.dissemination.text import escape
from rereferrals.model import DataSet
from rereferrals.published import SYMBOLS
from rereferrals.release import Release, data_issues

#: The data files, as seen from the pages.
DATA = "../data"


def contact(release: Release) -> str:
    """Whom to ask about the release."""
    address = html.link(f"mailto:{release.contact_email}", release.contact_email)
    return f"{escape(release.contact_name)}, {address}"


def data_sets(release: Release, sections: Collection[str]) -> str:
    """Every data set of a release with these sections: what it holds, and links to its files."""
    return "".join(_data_set(data_set, release) for section in sections for data_set in SECTIONS[section])


def data_set_page(data_set: DataSet) -> str:
    """The address of the page, or the place on one, that is about a data set."""
    return f"data.html#{data_set.id.lower()}"


def symbols() -> str:
    """What the symbols in place of a number mean."""
    rows = pd.DataFrame(SYMBOLS.items(), columns=["Symbol", "Meaning"])
    return html.table(rows, "Symbols used in place of a number", "symbols", figures=False)


def unusable_returns(release: Release) -> str:
    """The returns of the release's years that could not be used as they are, and what stands in for them (M26)."""
    names = {authority.old_la_code: authority.la_name for authority in reference.authorities()}
    rows = [
        (names[issue.old_la_code], str(issue.time_period), issue.display, f"{issue.reason}. {issue.in_totals}")
        for issue in data_issues()
        if release.places.first_year <= issue.time_period <= release.year
    ]
    columns = ["Local authority", "Year ending 31 March", "Symbol", "What happened"]
    return html.table(
        pd.DataFrame(sorted(rows), columns=columns),
        "Returns that could not be used, or only in part",
        "unusable-returns",
        figures=False,
    )


def _data_set(data_set: DataSet, release: Release) -> str:
    file = f"{DATA}/{data_set.data_file(release)}"
    contents = {
        "Places": escape(", ".join(level.lower() for level in data_set.levels).capitalize()),
        "Broken down by": escape("; ".join(f.label for f in data_set.filters)) or "Year only",
        "Figures": html.bullets(escape(indicator.label) for indicator in data_set.indicators),
        "Files": html.bullets(
            (
                html.link(f"{file}.csv", f"Data: {data_set.title} (CSV)"),
                html.link(
                    f"{DATA}/{data_set.data_file(release)}.meta.csv", f"Names of the variables: {data_set.title} (CSV)"
                ),
            )
        ),
    }
    return f'<h2 id="{data_set.id.lower()}">{escape(f"{data_set.id}: {data_set.title}")}</h2>{html.facts(contents)}'
