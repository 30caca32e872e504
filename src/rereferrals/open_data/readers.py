"""What published files become: rows of our own reference tables. Nothing that does not fit is dropped.

Which file, sheet and columns a deprivation score stands in is data (`open_readings.csv`), and so is what others have
mistyped (`open_corrections.csv`). Every reader raises BadInput at what it cannot use, with the row and the remedy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from rereferrals.errors import BadInput
from rereferrals.open_data.tabular import Row
from rereferrals.reference import ENGLAND, Authority, authorities, code_set, regions, wholes

LEVELS = ("National", "Regional", "Local authority")
AGES = "0 to 17"
NOT_AVAILABLE = "x"
#: Averages are rounded to so many places.
PLACES = 4

Table = list[dict[str, str]]


@dataclass(frozen=True)
class Correction:
    """A code that is mistyped in a published file, and what it should be; `file` is a source, or a source/sheet."""

    file: str
    wrong: str
    right: str
    why: str


@dataclass(frozen=True)
class Scores:
    """A column of a published file: its values by the code beside them, and where each stands."""

    values: dict[str, str]
    places: dict[str, Row]
    source: str
    basis: str


def corrected(found: Iterable[Row], file: str, column: str, corrections: Iterable[Correction]) -> list[Row]:
    """Rows with the codes of a column as they should be."""
    right = {correction.wrong: correction.right for correction in corrections if correction.file == file}
    return [replace(row, cells=row.cells | {column: right.get(row[column], row[column])}) for row in found]


def by_area(found: Iterable[Row], years_later: int) -> dict[int, dict[str, Row]]:
    """The rows of a file with a row for each year and area, by year, then by area.

    A year must have England, every region, and every authority that made a return so many years later.
    """
    by_year: dict[int, dict[str, Row]] = {}
    for row in found:
        year = _year(row)
        area, rows = _area(row, year + years_later), by_year.setdefault(year, {})
        if area in rows:
            raise row.fault(f"{area} is there twice for {year}, first at {rows[area].place}; remove one of them")
        rows[area] = row
    for year, rows in by_year.items():
        _check_complete(year, _existing(year + years_later), rows)
    return by_year


def populations(found: Iterable[Row], vintage: int) -> Table:
    """Children aged 0 to 17 by year and area, from a file of mid-year estimates; areas without an estimate are absent.

    A year must have every authority that made a return for the year after it, and totals must add up.
    """
    table: Table = []
    for year, rows in sorted(by_area(found, 1).items()):
        estimates = {area: _estimate(row) for area, row in rows.items()}
        _check_totals(_existing(year + 1), estimates, rows)
        table += [
            {"vintage": str(vintage), "mid_year": str(year), "area_code": area, "population": str(estimate)}
            for area, estimate in sorted(estimates.items())
            if estimate is not None
        ]
    return table


def _year(row: Row) -> int:
    if not row["time_period"].isdecimal():
        raise row.fault(f"time_period is {row['time_period']!r}; it should be a year")
    return int(row["time_period"])


def _area(row: Row, reporting_year: int) -> str:
    level = row["geographic_level"]
    if level not in LEVELS:
        raise row.fault(f"geographic_level is {level!r}; it should be one of {', '.join(LEVELS)}")
    if level != "Local authority":
        area = row["country_code"] if level == "National" else row["region_code"]
        if area not in {ENGLAND[0], *(region.code for region in regions())}:
            raise row.fault(f"{area!r} is no region of England; correct the code")
        return area
    known = {(authority.old_la_code, authority.new_la_code) for authority in _existing(reporting_year)}
    if (row["old_la_code"], row["new_la_code"]) not in known:
        raise row.fault(
            f"{row['old_la_code']} {row['new_la_code']} is no authority of the year ending March {reporting_year}; "
            "correct its codes, or add it to local_authorities.csv"
        )
    return row["old_la_code"]


def _estimate(row: Row) -> int | None:
    if AGES not in row["age_group"]:
        raise row.fault(f"age_group is {row['age_group']!r}; only children aged {AGES} belong here")
    if row["population_estimate"] == NOT_AVAILABLE and row["geographic_level"] == "Local authority":
        return None
    if not row["population_estimate"].isdecimal():
        raise row.fault(f"population_estimate is {row['population_estimate']!r}; it should be a whole number")
    return int(row["population_estimate"])


def _check_complete(year: int, existing: list[Authority], rows: Mapping[str, Row]) -> None:
    codes = (*(region.code for region in regions()), *(authority.old_la_code for authority in existing))
    wanted = {ENGLAND[0], *codes}
    if missing := sorted(wanted - set(rows)):
        file = next(iter(rows.values())).file
        raise BadInput(f"{file}: {year} has no row of {', '.join(missing)}; fetch the file again, or report it")


def _check_totals(existing: list[Authority], estimates: Mapping[str, int | None], rows: Mapping[str, Row]) -> None:
    """Regions must be the sum of their authorities, where each has an estimate, or of their parts; England of all."""
    parts: dict[str, list[str]] = {}
    for authority in existing:
        parts.setdefault(authority.region_code, []).append(authority.old_la_code)
    for part, whole in wholes().items():
        parts.setdefault(whole, []).append(part)
    parts[ENGLAND[0]] = [region.code for region in regions() if not region.within]
    for whole, names in parts.items():
        known = [estimate for name in names if (estimate := estimates[name]) is not None]
        if len(known) == len(names) and estimates[whole] != sum(known):
            raise rows[whole].fault(
                f"{whole} is {estimates[whole]}, and its parts add up to {sum(known)}; fetch it again, or report it"
            )


def _existing(reporting_year: int) -> list[Authority]:
    return [authority for authority in authorities() if authority.existed(reporting_year)]


def column(
    found: Iterable[Row], code: str, value: str, source: str = "", basis: str = "", decimal: bool = True
) -> Scores:
    """A column of a published file by the codes of another; raises BadInput at a doubled code or what is no number."""
    values: dict[str, str] = {}
    places: dict[str, Row] = {}
    for row in found:
        if row[code] in values:
            raise row.fault(f"{row[code]} is there twice, first at {places[row[code]].place}; remove one of them")
        if decimal and not re.fullmatch(r"\d+(\.\d+)?", row[value]):
            raise row.fault(f"{value} is {row[value]!r}; it should be a decimal number")
        values[row[code]], places[row[code]] = row[value], row
    return Scores(values, places, source, basis)


def deprivation(
    readings: list[Scores], reporting_year: int, districts: Mapping[str, str], people: Mapping[str, Fraction]
) -> dict[str, tuple[str, str, str]]:
    """The average score of each authority that can be given one, with its basis and source.

    The first reading has every authority of a reporting year, by its own code or by those of its districts, which are
    averaged by their `people`. Others fill in authorities that it lacks. An authority that is exactly its successors
    is averaged from them; one that is part of a single predecessor has the score of that.
    """
    first, *others = readings
    _check_codes(first, districts)
    own = {authority.new_la_code: authority for authority in authorities()}
    scores = {
        own[code].old_la_code: (_published(value), _basis(own[code], first.basis), first.source)
        for code, value in first.values.items()
        if code in own
    }
    for authority in _existing(reporting_year):
        if authority.old_la_code not in scores:
            parts = _districts(authority, first, districts)
            scores[authority.old_la_code] = _averaged(parts, people, "re-aggregated from districts", first.source)
    for reading in others:
        for code, value in reading.values.items():
            if code in own and own[code].old_la_code not in scores:
                scores[own[code].old_la_code] = (_published(value), reading.basis, reading.source)
    _add_relatives(scores, first, people)
    return scores


def _check_codes(first: Scores, districts: Mapping[str, str]) -> None:
    known = {*districts, *(authority.new_la_code for authority in authorities())}
    for code, row in first.places.items():
        if code not in known:
            raise row.fault(
                f"{code} is the code of no authority or district; if it is mistyped, say what is right in "
                "open_corrections.csv, and if it is new, add it to local_authorities.csv"
            )


def _published(value: str) -> str:
    """A score as it was published, or to four places if it has more."""
    _, _, decimals = value.partition(".")
    return value if len(decimals) <= PLACES else _text(Fraction(value))


def _text(score: Fraction) -> str:
    scaled = (score * 10**PLACES + Fraction(1, 2)).__floor__()
    return f"{scaled // 10**PLACES}.{scaled % 10**PLACES:0{PLACES}}"


def _basis(authority: Authority, basis: str) -> str:
    same = [other for other in authorities() if other.old_la_code == authority.old_la_code]
    recoded = authority.last_year is not None and len(same) > 1
    return "recoded: same area, new code" if recoded else basis


def _districts(authority: Authority, scores: Scores, districts: Mapping[str, str]) -> dict[str, str]:
    """The scores of an authority's districts; raises BadInput if one is missing, or it has none."""
    codes = [code for code, of in districts.items() if of == authority.new_la_code]
    missing = [code for code in codes if code not in scores.values] or [] if codes else [authority.new_la_code]
    if missing:
        file = next(iter(scores.places.values())).file
        raise BadInput(f"{file}: there is no row of {missing[0]} ({authority.la_name}); fetch the file again")
    return {code: scores.values[code] for code in codes}


def _averaged(
    scores: Mapping[str, str], people: Mapping[str, Fraction], basis: str, source: str
) -> tuple[str, str, str]:
    if missing := sorted(set(scores) - set(people)):
        raise BadInput(f"{source}: there is no population of {missing[0]} to average by; fetch its file again")
    weighted = sum((Fraction(score) * people[code] for code, score in scores.items()), Fraction())
    return _text(weighted / sum(people[code] for code in scores)), basis, source


def _add_relatives(scores: dict[str, tuple[str, str, str]], first: Scores, people: Mapping[str, Fraction]) -> None:
    for authority in authorities():
        if authority.old_la_code in scores:
            continue
        heirs = [other for other in authorities() if other.old_la_code in authority.successors]
        if heirs and all(heir.predecessors == (authority.old_la_code,) for heir in heirs):
            parts = {heir.new_la_code: first.values[heir.new_la_code] for heir in heirs}
            scores[authority.old_la_code] = _averaged(parts, people, "re-aggregated from successors", first.source)
        elif len(authority.predecessors) == 1 and authority.predecessors[0] in scores:
            score, _, source = scores[authority.predecessors[0]]
            scores[authority.old_la_code] = (score, "the old county's", source)


def judgements(found: Iterable[Row]) -> Table:
    """Judgements of inspections, by authority and publication; the label of the code set, and the source in words."""
    table: dict[tuple[str, str, str], dict[str, str]] = {}
    known = {authority.old_la_code for authority in authorities()}
    for row in found:
        if row["old_la_code"] not in known:
            raise row.fault(f"{row['old_la_code']} is no authority of local_authorities.csv; correct the code")
        key = (row["old_la_code"], _day(row, "publication_date"), row["framework"])
        if key in table:
            raise row.fault("there is a judgement of the same authority, framework and day above it; remove one")
        table[key] = {
            "old_la_code": row["old_la_code"],
            "framework": row["framework"],
            "inspection_start": _day(row, "inspection_start") if row["inspection_start"] else "",
            "publication_date": _day(row, "publication_date"),
            "judgement": _judgement(row),
            "source": _in_words(row),
        }
    return [cells for _, cells in sorted(table.items())]


def _day(row: Row, name: str) -> str:
    try:
        return date.fromisoformat(row[name]).isoformat()
    except ValueError:
        raise row.fault(f"{name} is {row[name]!r}; it should be a date as year-month-day") from None


def _judgement(row: Row) -> str:
    """The label that begins what the inspectorate wrote, or nothing if it gave no overall grade."""
    said = row["overall_effectiveness"]
    labels = [code.label for code in code_set("ofsted_judgement")]
    if not said:
        return ""
    for label in labels:
        if said.lower().startswith(label.lower()):
            return label
    raise row.fault(f"overall_effectiveness is {said!r}; it should be one of {', '.join(labels)}, or nothing")


def _in_words(row: Row) -> str:
    said = row["source"]
    if said == "report PDF front page":
        return "Inspection report, front page"
    if found := re.fullmatch(r"Ofsted ODS as at (.+)", said):
        return f"Ofsted, local authority inspection outcomes as at {found[1]}"
    if found := re.fullmatch(r"Data to Insight overview (\S+)", said):
        day = date.fromisoformat(found[1])
        return f"Data to Insight, overview of inspection reports as at {day.day} {day:%B %Y}"
    raise row.fault(f"source is {said!r}; say in open_data/readers.py what readers are to be told")
