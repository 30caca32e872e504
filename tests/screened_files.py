"""Pairs of a data file and its metadata file for the screener: a good one, and what keeps or breaks each check."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL
from rereferrals.screener import Outcome
from rereferrals.screener.lookups import known

PLACES = (
    {"geographic_level": NATIONAL},
    {"geographic_level": REGIONAL, "region_code": "E12000001", "region_name": "North East"},
    {
        "geographic_level": LOCAL_AUTHORITY, "region_code": "E13000001", "region_name": "Inner London",
        "old_la_code": "204", "new_la_code": "E09000012", "la_name": "Hackney",
    },
)  # fmt: skip
COLUMNS = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code", "region_name",
    "old_la_code", "new_la_code", "la_name", "sex", "referral_count", "rereferral_percent",
)  # fmt: skip
METADATA = (
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
    "filter_grouping_column",
)  # fmt: skip
#: Places of levels that the project does not publish.
OTHER_PLACES = {
    "Ward": ("E05000026", "Abbey"),
    "Parliamentary constituency": ("E14001063", "Aldershot"),
    "Local authority district": ("E07000223", "Adur"),
    "Local enterprise partnership": ("E37000001", "Black Country"),
    "Local skills improvement plan area": ("E69000001", "Brighton and Hove, East Sussex, West Sussex"),
    "English devolved area": ("E47000001", "Greater Manchester"),
}
LOOKUPS = replace(known(), places={**known().places, **{level: frozenset([p]) for level, p in OTHER_PLACES.items()}})


@dataclass
class Pair:
    """A pair of files to be spoilt."""

    rows: list[dict[str, str]]
    metadata: list[dict[str, str]]
    name: str = "children.csv"
    metadata_name: str = "children.meta.csv"
    content: bytes | None = None

    def described(self, column: str) -> dict[str, str]:
        """The metadata row of a column."""
        return next(row for row in self.metadata if row["col_name"] == column)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both files."""
        paths = folder / self.name, folder / self.metadata_name
        for path, rows in zip(paths, (self.rows, self.metadata), strict=True):
            path.write_bytes(csv_bytes(rows))
        if self.content is not None:
            paths[0].write_bytes(self.content)
        return paths


def csv_bytes(rows: list[dict[str, str]]) -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def good() -> Pair:
    """A pair without fault or warning."""
    country = {"time_identifier": "Reporting year", "country_code": "E92000001", "country_name": "England"}
    rows = [
        dict.fromkeys(COLUMNS, "")
        | country
        | place
        | {"time_period": year, "sex": sex, "referral_count": "1230", "rereferral_percent": "12.5"}
        for year in ("2023", "2024")
        for place in PLACES
        for sex in ("Total", "Female", "Male")
    ]
    rows[3] |= {"referral_count": "c", "rereferral_percent": "z"}
    blank = dict.fromkeys(METADATA, "")
    return Pair(
        rows,
        [
            blank | {"col_name": "sex", "col_type": "Filter", "label": "Sex"},
            blank | {"col_name": "referral_count", "col_type": "Indicator", "label": "Referrals", "indicator_dp": "0"},
            blank
            | {
                "col_name": "rereferral_percent",
                "col_type": "Indicator",
                "label": "Re-referrals",
                "indicator_unit": "%",
                "indicator_dp": "1",
            },
        ],
    )


Change = Callable[[Pair], None]


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(pair: Pair) -> None:
        for one in changes:
            one(pair)

    return change


def unchanged(pair: Pair) -> None:
    """The good pair as it is."""


def cell(column: str, value: str, level: str = NATIONAL) -> Change:
    """Put a value into the first row of a level."""

    def change(pair: Pair) -> None:
        next(row for row in pair.rows if row["geographic_level"] == level)[column] = value

    return change


def everywhere(column: str, *values: str) -> Change:
    """Put values into a column, in turn; a new one if it is not there."""

    def change(pair: Pair) -> None:
        for place, row in enumerate(pair.rows):
            row[column] = values[place % len(values)]

    return change


def of(column: str, **cells: str) -> Change:
    """Change cells of the metadata row of a column."""
    return lambda pair: pair.described(column).update(cells)


def called(old: str, new: str, *, in_metadata: bool = True) -> Change:
    """Rename a column."""

    def change(pair: Pair) -> None:
        pair.rows = [{new if name == old else name: value for name, value in row.items()} for row in pair.rows]
        if in_metadata and any(row["col_name"] == old for row in pair.metadata):
            pair.described(old)["col_name"] = new

    return change


def items(**words: str) -> Change:
    """Use other words for the items of the filter sex."""

    def change(pair: Pair) -> None:
        for row in pair.rows:
            row["sex"] = words.get(row["sex"], row["sex"])

    return change


def without(*columns: str) -> Change:
    """Leave columns of the data out."""

    def change(pair: Pair) -> None:
        pair.rows = [{name: value for name, value in row.items() if name not in columns} for row in pair.rows]

    return change


def metadata_column(name: str) -> Change:
    """Add a blank column to the metadata."""

    def change(pair: Pair) -> None:
        for row in pair.metadata:
            row[name] = ""

    return change


def without_metadata(column: str) -> Change:
    """Leave a column of the metadata out."""

    def change(pair: Pair) -> None:
        for row in pair.metadata:
            del row[column]

    return change


def only(*levels: str) -> Change:
    """Leave rows of other levels out."""

    def change(pair: Pair) -> None:
        pair.rows = [row for row in pair.rows if row["geographic_level"] in levels]

    return change


def at(level: str, *places: dict[str, str]) -> Change:
    """Add a row at a level for each place, with its columns."""

    def change(pair: Pair) -> None:
        added = {name: "" for place in places for name in place}
        pair.rows = [added | row for row in pair.rows]
        pair.rows += [pair.rows[0] | {"geographic_level": level} | place for place in places]

    return change


def described(name: str, col_type: str = "Filter", **cells: str) -> Change:
    """Add a row to the metadata."""
    row = dict.fromkeys(METADATA, "") | {"col_name": name, "col_type": col_type, "label": f"About {name}"}
    return lambda pair: pair.metadata.append(row | cells)


def place(level: str, code: str, name: str) -> tuple[Change, Change]:
    """A row of a level with a place that is known, and with one whose name is another's."""
    known_code, known_name = OTHER_PLACES[level]
    return at(level, {code: known_code, name: known_name}), at(level, {code: known_code, name: "Elsewhere"})


grouped = both(everywhere("sex_topic", "All", "By sex", "By sex"), of("sex", filter_grouping_column="sex_topic"))
grouped_twice = both(grouped, everywhere("age", "Total", "0 to 17"), described("age"))
trust = {"trust_id": "1", "trust_name": "A trust"}
school = {"school_laestab": "1", "school_urn": "1", "school_name": "A school"}


def many(count: int) -> Change:
    """Give the filter sex so many items."""
    return both(only(NATIONAL), lambda pair: pair.rows.extend(pair.rows[0] | {"sex": str(n)} for n in range(count - 3)))


F, W = Outcome.FAIL, Outcome.WARNING
#: Check → what a spoilt file brings, the change that keeps a good file passing, and the change that spoils it.
CASES: dict[str, tuple[Outcome, Change, Change]] = {
    "file_read": (F, unchanged, lambda pair: setattr(pair, "content", b"a,b\n1\n")),
    "filename_spaces": (F, unchanged, lambda pair: setattr(pair, "name", "all children.csv")),
    "filename_special": (F, unchanged, lambda pair: setattr(pair, "metadata_name", "children(1).meta.csv")),
    "filenames_match": (F, unchanged, lambda pair: setattr(pair, "metadata_name", "adults.meta.csv")),
    "col_req_meta": (F, unchanged, without_metadata("filter_hint")),
    "col_invalid_meta": (
        F,
        both(metadata_column("filter_default"), metadata_column("parent_filter")),
        metadata_column("notes"),
    ),
    "col_req_data": (F, unchanged, without("country_name")),
    "col_to_rows": (
        F,
        lambda pair: pair.metadata.extend([pair.metadata[2]] * 5),
        lambda pair: pair.metadata.extend([pair.metadata[2]] * 6),
    ),
    "cross_meta_to_data": (F, grouped, both(grouped, without("sex_topic"))),
    "cross_data_to_meta": (W, everywhere("category", "One"), everywhere("category", "One", "Two")),
    "col_names_spaces": (F, unchanged, called("sex", "sex of child")),
    "col_snake_case": (W, unchanged, called("referral_count", "Referral_count")),
    "col_var_start": (W, unchanged, called("referral_count", "1_referral_count")),
    "col_ind_smushed": (F, unchanged, called("referral_count", "romania_count")),
    "col_var_characteristic": (W, unchanged, called("sex", "characteristic")),
    "meta_col_type": (F, unchanged, of("sex", col_type="filter")),
    "meta_ob_unit": (F, unchanged, of("sex", col_name="time_period")),
    "meta_col_name": (F, unchanged, of("referral_count", col_name="")),
    "meta_dupe_label": (F, unchanged, of("referral_count", label="Sex")),
    "meta_label": (F, unchanged, of("sex", label="")),
    "meta_fil_grp": (F, grouped, both(grouped, of("referral_count", filter_grouping_column="sex_topic"))),
    "meta_fil_grp_dupe": (F, grouped_twice, both(grouped_twice, of("age", filter_grouping_column="sex_topic"))),
    "meta_fil_grp_is_fil": (W, both(grouped, described("sex_topic")), grouped),
    "meta_fil_grp_match": (F, grouped, of("referral_count", filter_grouping_column="sex_topic")),
    "meta_fil_grp_stripped": (F, grouped, both(grouped, everywhere("sex_topic", "All", "By sex", "By-sex"))),
    "meta_filter_hint": (F, of("sex", filter_hint="As recorded"), of("referral_count", filter_hint="Of children")),
    "meta_geog_catch": (
        F,
        both(at("School", school), of("sex", col_name="school_name")),
        called("sex", "la_group_name"),
    ),
    "meta_indicator_dp": (F, unchanged, of("sex", indicator_dp="0")),
    "meta_ind_unit": (F, unchanged, of("sex", indicator_unit="%")),
    "meta_indicator_grouping": (
        F,
        of("referral_count", indicator_grouping="Referrals"),
        of("sex", indicator_grouping="Referrals"),
    ),
    "meta_col_name_spaces": (F, unchanged, of("referral_count", col_name="referral count")),
    "meta_col_name_dupe": (F, unchanged, of("referral_count", col_name="rereferral_percent")),
    "meta_ind_dp_set": (W, unchanged, of("referral_count", indicator_dp="")),
    "meta_ind_dp_values": (F, of("referral_count", indicator_dp="3"), of("referral_count", indicator_dp="-1")),
    "meta_ind_unit_validation": (
        F,
        of("referral_count", indicator_unit="£m"),
        of("referral_count", indicator_unit="number"),
    ),
    "time_period_num": (F, unchanged, cell("time_period", "202")),
    "time_id_valid": (F, everywhere("time_identifier", "Week 52"), everywhere("time_identifier", "Week 53")),
    "time_id_mix": (
        F,
        both(everywhere("time_identifier", "April", "May")),
        everywhere("time_identifier", "Reporting year", "Calendar year"),
    ),
    "filter_not_singular": (F, unchanged, items(Female="Total", Male="Total")),
    "geog_level": (F, unchanged, cell("geographic_level", "Local Authority")),
    "geog_level_present": (F, at("MAT", trust), cell("geographic_level", "MAT")),
    "time_period": (
        F,
        both(everywhere("time_identifier", "Autumn term", "Summer term"), everywhere("time_period", "202324")),
        everywhere("time_identifier", "Academic year"),
    ),
    "time_period_six": (
        F,
        both(everywhere("time_identifier", "Tax year"), everywhere("time_period", "199900")),
        both(everywhere("time_identifier", "Tax year"), everywhere("time_period", "202325")),
    ),
    "filter_defaults": (
        W,
        both(items(Total="Other"), metadata_column("filter_default"), of("sex", filter_default="Other")),
        items(Total="Other"),
    ),
    "filter_group_level": (F, grouped, both(grouped, everywhere("sex_topic", "a", "b", "c", "d"))),
    "filter_item_limit": (F, many(25_000), many(25_001)),
    "filter_whitespace": (F, items(Male="Boys and girls"), items(Male="Male ")),
    "filter_ob_total": (F, unchanged, cell("la_name", "All", LOCAL_AUTHORITY)),
    "filter_blanks": (F, unchanged, items(Male="")),
    "geog_country_combos": (
        F,
        both(
            cell("country_code", "z"),
            cell("country_name", "Outside of England"),
        ),
        cell("country_name", "english"),
    ),
    "geog_region_combos": (
        F,
        both(cell("region_code", "E12000003", REGIONAL), cell("region_name", "Yorkshire and The Humber", REGIONAL)),
        both(cell("region_code", "E12000003", REGIONAL), cell("region_name", "Yorkshire and the Humber", REGIONAL)),
    ),
    "geog_ward_combos": (F, *place("Ward", "ward_code", "ward_name")),
    "geog_pcon_combos": (F, *place("Parliamentary constituency", "pcon_code", "pcon_name")),
    "geog_lad_combos": (F, *place("Local authority district", "lad_code", "lad_name")),
    "geog_lep_combos": (
        F,
        *place(
            "Local enterprise partnership", "local_enterprise_partnership_code", "local_enterprise_partnership_name"
        ),
    ),
    "geog_lsip_combos": (F, *place("Local skills improvement plan area", "lsip_code", "lsip_name")),
    "geog_eda_combos": (
        F,
        *place("English devolved area", "english_devolved_area_code", "english_devolved_area_name"),
    ),
    "geog_la_combos": (F, cell("new_la_code", "x", LOCAL_AUTHORITY), cell("old_la_code", "z", LOCAL_AUTHORITY)),
    "geog_level_completed": (
        F,
        cell("new_la_code", "", LOCAL_AUTHORITY),
        cell("old_la_code", "", LOCAL_AUTHORITY),
    ),
    "geog_ignored_rows": (
        F,
        at("School", school),
        both(at("School", school), at("Provider", {"provider_ukprn": "1", "provider_name": "A provider"})),
    ),
    "geog_other_dupes": (
        F,
        at("MAT", trust, trust),
        at("MAT", trust, trust | {"trust_id": "2"}),
    ),
    "geog_other_code_dupes": (
        F,
        at("MAT", trust, {"trust_id": "2", "trust_name": "Another"}),
        at("MAT", trust, trust | {"trust_name": "Another"}),
    ),
    "geog_la_col_present": (
        F,
        both(only(NATIONAL, REGIONAL), without("old_la_code", "new_la_code", "la_name")),
        both(only(NATIONAL, REGIONAL), without("old_la_code")),
    ),
    "geog_region_col_present": (
        F,
        both(only(NATIONAL), without("region_code", "region_name")),
        both(only(NATIONAL), without("region_name")),
    ),
    "geog_region_for_la": (W, unchanged, cell("region_code", "", LOCAL_AUTHORITY)),
    "geog_region_for_lad": (
        W,
        at(
            "Local authority district",
            {"lad_code": "E07000223", "lad_name": "Adur", "region_code": "E12000008", "region_name": "South East"},
        ),
        at("Local authority district", {"lad_code": "E07000223", "lad_name": "Adur"}),
    ),
    "geog_na": (
        F,
        at("MAT", {"trust_id": "x", "trust_name": "Not available"}),
        at("MAT", {"trust_id": "x", "trust_name": "Unknown"}),
    ),
    "geog_na_code": (
        F,
        at("MAT", {"trust_id": "x", "trust_name": "Not available"}),
        at("MAT", {"trust_id": "9", "trust_name": "Not available"}),
    ),
    "geog_overcompleted_cols": (
        F,
        unchanged,
        both(cell("region_code", "E12000001"), cell("region_name", "North East")),
    ),
    "general_dupes": (
        F,
        at("School", school, school),
        lambda pair: pair.rows.append(pair.rows[0]),
    ),
    "general_null": (F, unchanged, of("sex", label="NA")),
    "ind_invalid_entry": (F, cell("referral_count", "u"), cell("referral_count", ":")),
    "harmonised_variables": (F, called("sex", "sen_primary_need"), called("sex", "primary_need")),
    "harmonised_eth_vals": (
        W,
        both(called("sex", "ethnicity_major"), everywhere("ethnicity_major", "Total", "White", "Asian/Asian British")),
        called("sex", "ethnicity_major"),
    ),
    "harmonised_eth_char_vals": (
        W,
        both(everywhere("characteristic_group", "Minority Ethnic"), everywhere("characteristic", "Arab")),
        both(everywhere("characteristic_group", "Minority Ethnic"), everywhere("characteristic", "Blue")),
    ),
    "harmonised_eth_char_grp": (
        F,
        everywhere("characteristic_group", "Sex and Minority Ethnic"),
        everywhere("characteristic_group", "Ethnic group"),
    ),
    "api_char_col_name": (W, everywhere("x" * 50, "1"), everywhere("x" * 51, "1")),
    "api_char_col_label": (W, of("sex", label="x" * 100), of("sex", label="x" * 101)),
    "api_char_loc_code": (
        W,
        at("MAT", trust | {"trust_id": "x" * 30}),
        at("MAT", trust | {"trust_id": "x" * 31}),
    ),
    "api_char_filter_items": (W, items(Male="x" * 120), items(Male="x" * 121)),
    "data_dict_col_name": (W, unchanged, called("sex", "gender")),
    "data_dict_fil_item": (W, unchanged, items(Male="Unknown")),
    "val_ind_in_data": (F, unchanged, called("referral_count", "referrals", in_metadata=False)),
    "val_ind_number": (F, cell("rereferral_percent", "-0.5"), cell("rereferral_percent", "abc")),
    "val_formula": (F, everywhere("category", "-1.5"), everywhere("category", "@sum")),
}
