"""The data catalogue: a page for each data set, with what a reader or a search engine asks of it, and how to use it.

All that a page says of a data set is declared, or counted in the data file that it offers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from rereferrals.datasets.registry import ALL, SECTIONS
from rereferrals.dissemination import components as html
from rereferrals.dissemination import descriptions, ees, formats, listings
from rereferrals.dissemination.descriptions import CONSTANT, INDICATOR, LICENCE_ADDRESS, Variable
from rereferrals.dissemination.text import escape, in_words, listed, literal, raw_html
from rereferrals.errors import BadInput
from rereferrals.model import DataSet
from rereferrals.published import SYMBOLS
from rereferrals.reference import footnote
from rereferrals.release import Release, Update
from rereferrals.screener import screen

ROWS_SHOWN = 5
#: Check of the platform's API → what a file that does not pass it is like.
API_REASONS = {
    "api_char_col_name": "a name of a variable is too long",
    "api_char_col_label": "a label of a variable is too long",
    "api_char_loc_code": "a code of a place is too long",
    "api_char_filter_items": "a category is too long",
    "data_dict_col_name": "names of variables are not in its data dictionary",
    "data_dict_fil_item": "categories are not in its data dictionary",
}


@dataclass(frozen=True)
class Version:
    """A version of a data set: its number, the day it was published, and what changed."""

    number: str
    update: Update


def versions(data_set: DataSet, release: Release) -> list[Version]:
    """The versions of a data set within a release, the first one first; each update that names it makes another."""
    first, *changes = release.history
    own = [first, *(update for update in changes if data_set.id in update.data_sets)]
    return [Version(f"1.{number}", update) for number, update in enumerate(own)]


def check_updates(release: Release) -> None:
    """Refuse a release file with an update of a data set that there is not."""
    known = {data_set.id for data_set in ALL}
    named = {id for update in release.updates for id in update.data_sets}
    if unknown := sorted(named - known):
        raise BadInput(f"updates: there is no data set {unknown[0]!r}; there is: {', '.join(sorted(known))}")


def pages(release: Release, sections: Collection[str], folder: Path) -> dict[str, str]:
    """Page → its Markdown, for every data set of a release with these sections whose files are in `folder`."""
    check_updates(release)
    chosen = [(section, data_set) for section in SECTIONS if section in sections for data_set in SECTIONS[section]]
    return {
        listings.data_set_page(data_set).removesuffix(".html"): _Page(data_set, section, release, folder).markdown()
        for section, data_set in chosen
    }


def write_csvw(release: Release, data_set: DataSet, folder: Path) -> Path:
    """Write what a program needs to read a data file, by the W3C's model for tabular data, beside it."""
    path, _ = ees.paths(folder, data_set, release)
    columns = [
        {"name": each.name, "titles": each.name, "dc:description": each.label} | _datatype(each)
        for each in descriptions.variables(data_set)
    ]
    described = {
        "@context": ["http://www.w3.org/ns/csvw", {"language": "en"}],
        "url": path.name,
        "dc:title": data_set.title,
        "dc:license": {"@id": LICENCE_ADDRESS},
        "dc:issued": release.published.isoformat(),
        "tableSchema": {"columns": columns, "primaryKey": _keys(data_set)},
    }
    target = csvw_path(path)
    target.write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def csvw_path(data: Path) -> Path:
    """Where the W3C's model looks for what describes a data file."""
    return data.with_name(f"{data.name}-metadata.json")


def _datatype(variable: Variable) -> dict[str, Any]:
    if variable.kind == INDICATOR:
        return {"datatype": "decimal", "null": ["", *SYMBOLS]}
    return {"datatype": "gYear" if variable.name == "time_period" else "string"}


def _keys(data_set: DataSet) -> list[str]:
    return [each.name for each in descriptions.variables(data_set) if each.kind not in (CONSTANT, INDICATOR)]


@dataclass(frozen=True)
class _Page:
    """The page of a data set."""

    data_set: DataSet
    section: str
    release: Release
    folder: Path

    @cached_property
    def frame(self) -> pd.DataFrame:
        path, _ = ees.paths(self.folder, self.data_set, self.release)
        return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")

    @cached_property
    def stem(self) -> str:
        return self.data_set.data_file(self.release)

    def markdown(self) -> str:
        parts = {
            "": self._facts(),
            "Download": self._downloads(),
            "First rows": self._first_rows(),
            "Variables": self._variables(),
            "Notes": html.footnotes([footnote(key) for key in self.data_set.footnotes]),
            "Quality": self._quality(),
            "Versions and changes": self._versions(),
            "How to use it": self._use(),
        }
        body = "\n\n".join(
            (f"## {heading}\n\n" if heading else "") + raw_html(content) for heading, content in parts.items()
        )
        return f"# {literal(self.data_set.title)}\n\n{body}\n\n{raw_html(self._json_ld())}\n"

    def _facts(self) -> str:
        years = sorted(set(self.frame["time_period"]))
        return html.facts(
            {
                "Data set": escape(self.data_set.id),
                "Years": escape(years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"),
                "Places": escape(listings.places(self.data_set)),
                "Broken down by": escape(_first_capital(listings.broken_down_by(self.data_set))),
                "Rows": f"{len(self.frame):,}",
                "Published": escape(in_words(self._latest.update.published)),
                "Version": escape(self._latest.number),
                "Findings": html.link(f"../{self.section}.html", listings.TITLES[self.section]),
            }
        )

    def _downloads(self) -> str:
        data, metadata = ees.paths(self.folder, self.data_set, self.release)
        spreadsheet, parquet = formats.paths(self.folder, self.data_set, self.release)
        files = {
            data: "Data",
            spreadsheet: "Spreadsheet with cover, notes and data",
            parquet: "Data as text in columns, for programs",
            metadata: "Names of the variables",
            csvw_path(data): "Types of the columns, for programs",
        }
        return html.bullets(
            html.download(f"../{listings.DATA}/{path.name}", text, path.stat().st_size) for path, text in files.items()
        )

    def _first_rows(self) -> str:
        return html.table(
            self.frame.head(ROWS_SHOWN),
            f"First {ROWS_SHOWN} rows of {self.stem}.csv",
            "first-rows-table",
            figures=False,
        )

    def _variables(self) -> str:
        units = {row["col_name"]: row["indicator_unit"] for row in ees.metadata_rows(self.data_set)}
        rows = [
            (each.name, each.kind, each.label, units.get(each.name) or "–")
            for each in descriptions.variables(self.data_set)
        ]
        table = html.table(
            pd.DataFrame(rows, columns=["Variable", "Kind", "Meaning", "Unit"]),
            f"Variables of {self.stem}.csv",
            "variables-table",
            figures=False,
        )
        return table + "".join(
            html.details(
                f"Categories of “{f.label}”",
                html.bullets(map(escape, dict.fromkeys(self.frame[f.name]))),
                unseen=f.name,
            )
            for f in self.data_set.filters
        )

    def _quality(self) -> str:
        """How many figures are numbers, and how many of each symbol stand in place of one."""
        cells = Counter(
            cell if cell in SYMBOLS else ""
            for indicator in self.data_set.indicators
            for cell in self.frame[indicator.name]
        )
        counted = {"Figures in the file": f"{cells.total():,}", "Shown as a number": f"{cells['']:,}"}
        counted |= {
            f"Shown as {symbol}, {SYMBOLS[symbol]}": f"{cells[symbol]:,}" for symbol in SYMBOLS if cells[symbol]
        }
        if self.data_set.longitudinal:
            basis = "These figures join the returns of several years, and take each return as it is."
        else:
            method = html.link("../methodology.html#returns-that-could-not-be-used", "the method")
            basis = (
                f"Each year’s figures are those of that year. Returns that could not be used are listed with {method}."
            )
        return f"{html.facts(counted)}<p>{basis}</p>"

    @cached_property
    def _latest(self) -> Version:
        return versions(self.data_set, self.release)[-1]

    def _versions(self) -> str:
        rows = [
            (version.number, in_words(version.update.published), version.update.text)
            for version in reversed(versions(self.data_set, self.release))
        ]
        return html.table(
            pd.DataFrame(rows, columns=["Version", "Published", "What changed"]),
            "Versions within this release, the latest first",
            "versions-table",
            figures=False,
        )

    def _use(self) -> str:
        address = f"{self.release.address}{listings.DATA}/{self.stem}"
        stable = (
            f"<p>The data file keeps this address: {html.link(f'{address}.csv', f'{address}.csv')}. "
            "Read every column as text, since a figure may be a symbol.</p>"
        )
        return (
            stable
            + "".join(f"<h3>{escape(language)}</h3>{html.code(lines)}" for language, lines in code(address).items())
            + f"<h3>API</h3>{html.paragraph(self._api())}"
        )

    def _api(self) -> str:
        """Whether the publishing platform could offer the data set through its API."""
        screening = screen(*ees.paths(self.folder, self.data_set, self.release))
        passes = "The file passes the checks that the explore education statistics service makes of a data file, "
        if screening.api_suitable:
            return f"{passes}and those of its API, in which variables have the names above."
        reasons = {API_REASONS[result.check] for result in screening.warnings() if result.check in API_REASONS}
        return f"{passes}but it cannot be offered through its API: {listed(sorted(reasons))}."

    def _json_ld(self) -> str:
        return html.json_ld(dataset(self.data_set, self.release))


def _first_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def code(address: str) -> Mapping[str, str]:
    """Language → how it reads the data file, which is at `address` without its extension."""
    return {
        "Python": f'import pandas as pd\n\ndata = pd.read_csv("{address}.csv", dtype="str", keep_default_na=False)',
        "R": f'data <- read.csv("{address}.csv", colClasses = "character", na.strings = character())',
        "Stata": f'import delimited "{address}.csv", stringcols(_all) clear',
        "DuckDB": f"SELECT * FROM read_csv('{address}.csv', all_varchar = true);\n"
        f"SELECT * FROM read_parquet('{address}.parquet');",
    }


def dataset(data_set: DataSet, release: Release) -> dict[str, Any]:
    """A data set as search engines know one: schema.org's `Dataset`."""
    years, page = data_set.years(release), f"{release.address}{listings.data_set_page(data_set)}"
    file = f"{release.address}{listings.DATA}/{data_set.data_file(release)}"
    kinds = {"csv": "text/csv", "ods": "application/vnd.oasis.opendocument.spreadsheet"}
    kinds["parquet"] = "application/vnd.apache.parquet"
    latest = versions(data_set, release)[-1]
    organisation = {"@type": "Organization", "name": release.contact_name, "email": release.contact_email}
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": page,
        "url": page,
        "identifier": data_set.id,
        "name": data_set.title,
        "description": f"{data_set.title}: {listings.places(data_set)}; broken down by "
        f"{listings.broken_down_by(data_set)}. From {release.title}, year ending 31 March {release.year}.",
        "license": LICENCE_ADDRESS,
        "isAccessibleForFree": True,
        "creator": organisation,
        "temporalCoverage": f"{years[0] - 1}-04-01/{years[-1]}-03-31",
        "spatialCoverage": "England",
        "datePublished": release.published.isoformat(),
        "dateModified": latest.update.published.isoformat(),
        "version": latest.number,
        "variableMeasured": [
            {"@type": "PropertyValue", "name": indicator.name, "description": indicator.label}
            for indicator in data_set.indicators
        ],
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": f"{file}.{end}"}
            for end, kind in kinds.items()
        ],
    }
