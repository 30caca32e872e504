"""Published files as they come: a workbook, and a file with a row for each area of England."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from rereferrals.reference import ENGLAND, Authority, authorities

#: Children of every authority.
EACH = 1_000
POPULATION_COLUMNS = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code", "region_name",
    "old_la_code", "new_la_code", "la_name", "age_group", "population_estimate",
)  # fmt: skip


def csv_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def existing(reporting_year: int) -> list[Authority]:
    return [authority for authority in authorities() if authority.existed(reporting_year)]


def populations(year: int) -> list[list[str]]:
    """A file of mid-year estimates of a year: its header, then England, regions and authorities."""
    there = existing(year + 1)
    regions = {authority.region_code: authority.region_name for authority in there}
    count = {code: sum(authority.region_code == code for authority in there) for code in regions}
    london = sum(number for code, number in count.items() if code.startswith("E13"))
    return [
        list(POPULATION_COLUMNS),
        _estimate(year, "National", EACH * len(there)),
        _estimate(year, "Regional", EACH * london, ("E12000007", "London")),
        *(_estimate(year, "Regional", EACH * count[code], (code, name)) for code, name in regions.items()),
        *(_estimate(year, "Local authority", EACH, *_named(authority)) for authority in there),
    ]


def _named(authority: Authority) -> tuple[tuple[str, str], tuple[str, str, str]]:
    region = (authority.region_code, authority.region_name)
    return region, (authority.old_la_code, authority.new_la_code, authority.la_name)


def _estimate(
    year: int,
    level: str,
    children: int,
    region: tuple[str, str] = ("", ""),
    authority: tuple[str, str, str] = ("", "", ""),
) -> list[str]:
    ages = "Children aged 0 to 17 years"
    return [str(year), "Reporting year", level, *ENGLAND, *region, *authority, ages, str(children)]


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[str]]]) -> Path:
    """A workbook with text in its first row, and text or numbers below."""
    with zipfile.ZipFile(path, "w") as book:
        names = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
        links = "".join(
            f'<Relationship Id="rId{n}" Target="worksheets/sheet{n}.xml"/>' for n, _ in enumerate(sheets, 1)
        )
        book.writestr("xl/workbook.xml", f'<workbook xmlns="m" xmlns:r="r"><sheets>{names}</sheets></workbook>')
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="p">{links}</Relationships>')
        for number, rows in enumerate(sheets.values(), 1):
            lines = "".join(_line(n, row) for n, row in enumerate(rows, 1))
            book.writestr(
                f"xl/worksheets/sheet{number}.xml", f'<worksheet xmlns="m"><sheetData>{lines}</sheetData></worksheet>'
            )
    return path


def _line(number: int, row: Sequence[str]) -> str:
    cells = "".join(_cell(f"{chr(ord('A') + position)}{number}", text) for position, text in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(place: str, text: str) -> str:
    if text.replace(".", "", 1).isdecimal():
        return f'<c r="{place}"><v>{text}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
