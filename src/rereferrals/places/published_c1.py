"""C1 as it was published, whatever its vintage, and the rates that follow from it.

Nothing of a file is taken on trust: its columns, the areas of each year, codes with their names, cells, and sums.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import pandas as pd

from rereferrals import areas
from rereferrals.datasets.regional import CIN_C1, F1
from rereferrals.errors import BadInput
from rereferrals.measures.referrals import REFERRALS
from rereferrals.measures.regional import POPULATION, REFERRAL_RATE
from rereferrals.model import LOCAL_AUTHORITY, Count, Rate
from rereferrals.places.totals import check_sums
from rereferrals.published import AREA, KEYS, NUMBER, SYMBOLS, WHOLE, PublishedTable, level_of, ratio, records
from rereferrals.reference import ENGLAND, areas_of, authorities
from rereferrals.release import REFERENCE, DataIssue, Release

IDENTIFIER = "Reporting year"
COLUMNS = (*KEYS, *CIN_C1.constants, *(indicator.name for indicator in CIN_C1.indicators))


def read_c1(path: Path, release: Release, issues: Iterable[DataIssue]) -> PublishedTable:
    """A published file of C1, for the reporting years of a release, with its rows in their order.

    `issues` say which returns are not to be used as they are, and what enters totals instead. Raises BadInput, naming
    the file, the row and what to do, for a missing or unknown column, area or code, a doubled row, a cell that is
    neither a number nor a symbol, or a total that does not add up.
    """
    frame = _read(path)
    places = {index: f"{path}, line {index + 2}" for index in frame.index}
    frame = frame[frame["time_period"].isin([str(year) for year in CIN_C1.years(release)])]
    _check_areas(frame, path, places, CIN_C1.years(release))
    _check_cells(frame, places)
    check_sums(frame, issues, release.protection, places)
    rows = records(frame)
    for indicator in CIN_C1.indicators:
        if isinstance(indicator, Rate):
            frame[indicator.name + WHOLE] = [
                _whole(row, indicator.name, indicator.numerator.name, indicator.denominator.name) for row in rows
            ]
    return PublishedTable(CIN_C1, frame.reset_index(drop=True), keeps_order=True)


def with_rates(c1: PublishedTable, release: Release) -> PublishedTable:
    """F1 from C1 as published: what both have, and referrals per 10,000 children, of the published counts (M20)."""
    rows = [_with_rate(row, release.places.population_vintage) for row in c1.rows]
    columns = [column for column in c1.frame if column not in CIN_C1.constants]
    shared = {indicator.name for indicator in F1.indicators}
    kept = [c for c in columns if c in KEYS or c.removesuffix(WHOLE) in shared]
    added = [POPULATION.name, REFERRAL_RATE.name, REFERRAL_RATE.name + WHOLE]
    return PublishedTable(F1, pd.DataFrame(rows)[[*kept, *added]], keeps_order=True)


def _with_rate(row: Mapping[str, str], vintage: int) -> Mapping[str, str]:
    area = row["old_la_code"] or row["region_code"] or ENGLAND[0]
    population = areas.population(area, int(row["time_period"]), vintage)
    referrals = row[REFERRALS.name]
    rate, whole = (
        referrals
        if referrals in SYMBOLS
        else "x"
        if population is None
        else ratio(int(referrals), population, REFERRAL_RATE.per, places)
        for places in (REFERRAL_RATE.decimal_places, 0)
    )
    shown = "x" if population is None else str(population)
    return {**row, POPULATION.name: shown, REFERRAL_RATE.name: rate, REFERRAL_RATE.name + WHOLE: whole}


def _read(path: Path) -> pd.DataFrame:
    """The file with the column names of now."""
    if not path.exists():
        raise BadInput(f"{path} does not exist: name a published file of C1, or fetch one with 'rereferrals fetch'")
    try:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadInput(f"{path} is not a CSV file in UTF-8 ({error}): fetch it again") from None
    with open(REFERENCE / "c1_columns.csv", newline="", encoding="utf-8") as file:
        names = {row["published"]: row["now"] for row in csv.DictReader(file)}
    frame = frame.rename(columns={name: now for name, now in names.items() if now})
    unknown = [c for c in frame if c not in COLUMNS and c not in names]
    missing = [c for c in COLUMNS if c not in frame]
    if unknown or missing:
        raise BadInput(
            f"{path} lacks the columns {_listed(missing)} and has unknown ones {_listed(unknown)}: is it C1? Names of "
            "a new vintage go into c1_columns.csv"
        )
    return frame[list(COLUMNS)]


def _check_areas(frame: pd.DataFrame, path: Path, places: Mapping[int, str], years: range) -> None:
    """Every area of every year has one row, under its code and name."""
    wanted = {(str(year), level_of(area[0], area[2]), *area) for year in years for area in areas_of(year)}
    keys = list(frame[["time_period", *AREA]].itertuples(index=False, name=None))
    for index, key in zip(frame.index, keys, strict=True):
        if key not in wanted:
            raise BadInput(f"{places[index]}: {_unknown(key)}")
    for key, times in Counter(keys).items():
        if times > 1:
            last = max(index for index, other in zip(frame.index, keys, strict=True) if other == key)
            raise BadInput(f"{places[last]}: a second row for {_name(key)} in {key[0]}: keep one of them")
    if missing := sorted(wanted - set(keys)):
        raise BadInput(
            f"{path} has no row for {_name(missing[0])} in {missing[0][0]} ({len(missing)} are missing): add it, or "
            "end the area's years in local_authorities.csv"
        )


def _unknown(key: tuple[str, ...]) -> str:
    """What is wrong with an area that is not one of the year's."""
    year, level, region, region_name, old, new, name = key
    known = [a for a in authorities() if old == a.old_la_code or new == a.new_la_code or name == a.la_name]
    now = [a for a in known if a.existed(int(year))]
    if level != LOCAL_AUTHORITY:
        return f"there is no area of the level {level!r} with the code {region!r} and the name {region_name!r}"
    given = f"{name!r} with the codes {old!r} and {new!r} in {region_name!r} ({region!r})"
    if now:
        a = now[0]
        here = f"{a.la_name!r} with the codes {a.old_la_code!r} and {a.new_la_code!r} in {a.region_name!r}"
        return f"it has {given}, and local_authorities.csv has {here} ({a.region_code!r}): correct one of them"
    if known:
        return f"{name} did not exist in {year}: leave the row out, or correct its years in local_authorities.csv"
    return f"there is no authority {given}: correct the code, or add the authority to local_authorities.csv"


def _name(key: tuple[str, ...]) -> str:
    return key[6] or key[3] or ENGLAND[1]


def _check_cells(frame: pd.DataFrame, places: Mapping[int, str]) -> None:
    """Time and country as they are, and every other cell a symbol or a number as it is published."""
    fixed = {"time_identifier": IDENTIFIER, "country_code": ENGLAND[0], "country_name": ENGLAND[1], **CIN_C1.constants}
    for column, text in fixed.items():
        for index in frame.index[frame[column] != text]:
            raise BadInput(f"{places[index]}: {column} is {frame.at[index, column]!r}, and should be {text!r}")
    for indicator in CIN_C1.indicators:
        decimals = 0 if isinstance(indicator, Count) else indicator.decimal_places
        for index, cell in frame[indicator.name].items():
            if cell not in SYMBOLS and not (NUMBER.fullmatch(cell) and len(cell.partition(".")[2]) <= decimals):
                raise BadInput(
                    f"{places[index]}: {indicator.name} is {cell!r}, which is neither a number of at most {decimals} "
                    f"decimal places without trailing zeros nor one of {_listed(SYMBOLS)}"
                )


def _whole(row: Mapping[str, str], percent: str, numerator: str, denominator: str) -> str:
    """A percentage as a whole number: of the counts, where they are exact; else of what was published."""
    exact = row["geographic_level"] == LOCAL_AUTHORITY and not {row[numerator], row[denominator]} & set(SYMBOLS)
    if row[percent] in SYMBOLS:
        return row[percent]
    if exact:
        return ratio(int(row[numerator]), int(row[denominator]), 100, 0)
    share = Fraction(row[percent])
    return row[percent] if row[percent].endswith(".5") else ratio(share.numerator, share.denominator, 1, 0)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
