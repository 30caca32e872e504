"""Places: their levels, codes and names."""

from __future__ import annotations

from collections.abc import Iterator

from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL
from rereferrals.screener import levels as at
from rereferrals.screener.checks import Check, fails, warns
from rereferrals.screener.files import Files
from rereferrals.screener.levels import LEVELS, Level

NOT_AVAILABLE = ("x", "Not available")
#: A group of places that is in no list has this code and one of these names.
GROUP = "z"
GROUP_NAMES = (
    "Not applicable",
    "Unknown",
    "Outside of England",
    "Outside of the United Kingdom",
    "Outside of England and unknown",
    "Outside of the United Kingdom and unknown",
)
#: Levels without a list of places, whose codes and names are compared with each other.
UNLISTED = (at.OPPORTUNITY_AREA, at.POLICE_AREA, at.TRUST, at.SPONSOR, at.SCHOOL, at.PROVIDER)
#: Those in which a name has one code and a code one name.
ONE_TO_ONE = (at.OPPORTUNITY_AREA, at.TRUST, at.SPONSOR)
#: Rows that the platform's tables leave out.
IGNORED = (at.INSTITUTION, at.PLANNING_AREA)

Places = dict[tuple[str, ...], int]


@fails
def geog_level(files: Files) -> Iterator[str]:
    """Every level is one that the platform knows."""
    for fault in files.data.where(["geographic_level"], lambda cell: cell not in LEVELS):
        yield f"{fault}, which is no level: write it as in 'Local authority'"


@fails
def geog_level_present(files: Files) -> Iterator[str]:
    """Every level has its columns."""
    for level in _there(files):
        for column in level.columns:
            if column not in files.data.columns and level.name != at.PLANNING_AREA:
                yield f"the data file has {level.name} rows and no column {column}: add it"


PRECHECKS = (geog_level, geog_level_present)


def _there(files: Files) -> list[Level]:
    return [LEVELS[name] for name in files.levels if name in LEVELS]


def _places(files: Files, level: Level, own_rows: bool = False) -> Places:
    """The different codes and names in the columns of a level, with the first row of each; of its own rows alone if
    so asked, and none if a column is not there."""
    if not set(level.columns) <= set(files.data.columns):
        return {}
    found: Places = {}
    columns = (files.data.columns[column] for column in ("geographic_level", *level.columns))
    for row, (own, *place) in enumerate(zip(*columns, strict=True), 2):
        if own == level.name or not own_rows:
            found.setdefault(tuple(place), row)
    return found


def _combos(check: str, level: Level) -> Check:
    """The check that codes and names of a level belong together."""

    def find(files: Files) -> Iterator[str]:
        known = files.lookups.places.get(level.name)
        columns = ", ".join(level.columns)
        for place, row in _places(files, level).items():
            if not _comes_with_a_list(level, place):
                continue
            if known is None:
                yield f"this project publishes no {level.name} and has no lookup of its codes: leave {columns} out"
                return
            if place not in known:
                yield (
                    f"{columns} are {', '.join(map(repr, place))} in row {row}, which do not belong together: write "
                    "them as the lookup has them"
                )

    return Check(check, f"Codes and names of {level.name} belong together.", find)


def _comes_with_a_list(level: Level, place: tuple[str, ...]) -> bool:
    """Whether a place is one that a lookup would have: not without a code, unknown, or a group outside of it."""
    *codes, name = place
    code = codes[-1]
    if code == NOT_AVAILABLE[0] or ({*codes} == {GROUP} and name in GROUP_NAMES):
        return False
    return level.name == NATIONAL or bool(code)


@fails
def geog_level_completed(files: Files) -> Iterator[str]:
    """Rows of a level have its columns filled."""
    for level in _there(files):
        for place, row in _places(files, level, own_rows=True).items():
            for column, cell in zip(level.columns, place, strict=True):
                if not cell and column != "new_la_code" and level.name != at.PLANNING_AREA:
                    yield f"{column} is blank in row {row}, of {level.name}: fill it"


@fails
def geog_ignored_rows(files: Files) -> Iterator[str]:
    """The platform's tables can show some rows, and schools are not beside providers."""
    if set(files.levels) <= set(IGNORED):
        yield f"every row is of {' or '.join(IGNORED)}, which tables leave out: add rows of other levels"
    if {at.SCHOOL, at.PROVIDER} <= set(files.levels):
        yield f"geographic_level has {at.SCHOOL} and {at.PROVIDER}: make a file of each"


def _several(files: Files, by_name: bool) -> Iterator[str]:
    for level in _there(files):
        if level.name in ONE_TO_ONE:
            seen: dict[str, str] = {}
            for (code, name), row in _places(files, level, own_rows=True).items():
                key, value = (name, code) if by_name else (code, name)
                if code and seen.setdefault(key, value) != value:
                    yield f"{key!r} of {level.name} has {seen[key]!r} and, in row {row}, {value!r}: give it one"


@fails
def geog_other_dupes(files: Files) -> Iterator[str]:
    """No name of an opportunity area, trust or sponsor has two codes."""
    yield from _several(files, by_name=True)


@fails
def geog_other_code_dupes(files: Files) -> Iterator[str]:
    """No code of an opportunity area, trust or sponsor has two names."""
    yield from _several(files, by_name=False)


def _incomplete(files: Files, level: Level) -> Iterator[str]:
    there = set(level.columns) & set(files.data.columns)
    for column in level.columns:
        if there and column not in there:
            yield f"the data file has {', '.join(sorted(there))} and no column {column}: add it"


@fails
def geog_la_col_present(files: Files) -> Iterator[str]:
    """The columns of local authorities are there together."""
    yield from _incomplete(files, LEVELS[LOCAL_AUTHORITY])


@fails
def geog_region_col_present(files: Files) -> Iterator[str]:
    """The columns of regions are there together."""
    yield from _incomplete(files, LEVELS[REGIONAL])


def _without_region(files: Files, level: str) -> Iterator[str]:
    for column in LEVELS[REGIONAL].columns:
        cells = files.data.columns.get(column, ("",) * len(files.data.columns["geographic_level"]))
        for row, (own, cell) in enumerate(zip(files.data.columns["geographic_level"], cells, strict=True), 2):
            if own == level and not cell:
                yield f"{column} is blank in row {row}, of {level}: say which region it is in"
                break


@warns
def geog_region_for_la(files: Files) -> Iterator[str]:
    """Rows of local authorities say their region."""
    yield from _without_region(files, LOCAL_AUTHORITY)


@warns
def geog_region_for_lad(files: Files) -> Iterator[str]:
    """Rows of local authority districts say their region."""
    yield from _without_region(files, at.DISTRICT)


def _half_available(files: Files, has: int) -> Iterator[str]:
    """Places that have the code, 0, or the name, 1, of what is not available without the other."""
    for level in _there(files):
        if level.name in UNLISTED:
            for place, row in _places(files, level, own_rows=True).items():
                pair = place[-2:]
                if pair[has] == NOT_AVAILABLE[has] and pair[1 - has] != NOT_AVAILABLE[1 - has]:
                    yield (
                        f"{level.code} and {level.title} are {pair[0]!r} and {pair[1]!r} in row {row}: write "
                        f"{NOT_AVAILABLE[0]!r} and {NOT_AVAILABLE[1]!r}"
                    )


@fails
def geog_na(files: Files) -> Iterator[str]:
    """A place of the code x is called Not available."""
    yield from _half_available(files, 0)


@fails
def geog_na_code(files: Files) -> Iterator[str]:
    """A place called Not available has the code x."""
    yield from _half_available(files, 1)


@fails
def geog_overcompleted_cols(files: Files) -> Iterator[str]:
    """Rows leave columns of lower levels blank."""
    own = files.data.columns["geographic_level"]
    for level in LEVELS.values():
        if level.name == NATIONAL:
            continue
        allowed = {level.name, *level.carried_by}
        for column in level.columns:
            if column in at.NAMES_AS_FILTERS and files.filters == [column]:
                continue
            cells = files.data.columns.get(column, ())
            for row, (row_level, cell) in enumerate(zip(own, cells, strict=False), 2):
                if cell and row_level not in allowed:
                    yield f"{column} has {cell!r} in row {row}, of {row_level}: leave it blank"
                    break


COMBOS = {
    "geog_country_combos": NATIONAL,
    "geog_region_combos": REGIONAL,
    "geog_ward_combos": at.WARD,
    "geog_pcon_combos": at.CONSTITUENCY,
    "geog_lad_combos": at.DISTRICT,
    "geog_lep_combos": at.PARTNERSHIP,
    "geog_lsip_combos": at.SKILLS_AREA,
    "geog_eda_combos": at.DEVOLVED_AREA,
    "geog_la_combos": LOCAL_AUTHORITY,
}

CHECKS = (
    *(_combos(check, LEVELS[level]) for check, level in COMBOS.items()),
    geog_level_completed,
    geog_ignored_rows,
    geog_other_dupes,
    geog_other_code_dupes,
    geog_la_col_present,
    geog_region_col_present,
    geog_region_for_la,
    geog_region_for_lad,
    geog_na,
    geog_na_code,
    geog_overcompleted_cols,
)
