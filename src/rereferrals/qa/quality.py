"""How good each authority's return of a year is, in counts and percentages only, for those who review a release."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis
import pandas as pd
from ibis import _

from rereferrals import engine
from rereferrals.census import checks, schema
from rereferrals.census.rules import FIRST_DAY, IS_CLOSED, IS_OPEN, LAST_DAY, NOT_NFA, YEAR, outside_year
from rereferrals.published import divide_half_up
from rereferrals.reference import ENGLAND, authorities, code_set
from rereferrals.release import Release
from rereferrals.restricted import CensusStore

UNKNOWN = {"Not stated", "Unknown", "Refused", "Information not yet obtained"}
SEXES = {"Male", "Female"}


def _codes(code_set_name: str, labels: Iterable[str], *, but: bool = False) -> list[str]:
    """The codes with these labels or, with `but`, all others."""
    return sorted({code.code for code in code_set(code_set_name) if (code.label in labels) is not but})


def _unknown(column: Any, known: list[str]) -> Any:
    return ~column.isin(known).fill_null(False)


IN_YEAR = ~outside_year(_.cin_referral_date)
UNBORN = _.person_birth_date.isnull() & _.expected_person_birth_date.notnull()
#: What is counted of its referral records; those of the year are the ones that measures count (M01).
OF_REFERRALS = {
    "referral_count": IN_YEAR,
    "carried_over_referral_count": _.cin_referral_date < FIRST_DAY,
    "undated_referral_count": _.cin_referral_date.isnull() | (_.cin_referral_date > LAST_DAY),
    "for_action": IN_YEAR & NOT_NFA,
    "source_unknown": IN_YEAR & _unknown(_.referral_source, _codes("referral_source", UNKNOWN, but=True)),
    "need_unknown": IN_YEAR & NOT_NFA & _unknown(_.primary_need_code, _codes("primary_need", UNKNOWN, but=True)),
    "ethnicity_unknown": IN_YEAR & _unknown(_.ethnicity, _codes("ethnicity", UNKNOWN, but=True)),
    "sex_unknown": IN_YEAR
    & ~UNBORN
    & _unknown(_.gender_current, _codes("gender_current", SEXES))
    & _unknown(_.sex, _codes("sex", SEXES)),
    "birth_date_unknown": IN_YEAR & _.person_birth_date.isnull() & _.expected_person_birth_date.isnull(),
    "open_case_count": IS_OPEN & NOT_NFA,
    "closed_without_assessment_count": IS_CLOSED & NOT_NFA & (_.assessments == 0),
    "overlapping_referral_count": _.is_within_another,
    "closed_before_referral_count": _.cin_closure_date < _.cin_referral_date,
}


def of_children(year: int) -> dict[str, Any]:
    """What is counted of the child records of a return of `year`, whose release says who is of school age (M15)."""
    first, last = Release.like_latest(year).method.school_age
    at_school = _.person_birth_date.between(ibis.date(YEAR - last - 2, 9, 1), ibis.date(YEAR - first - 1, 8, 31))
    return {
        "child_count": _.lea.notnull(),
        "school_age_child_count": at_school,
        "with_upn": at_school & _.upn.notnull(),
    }


#: Percentages: what they are of, and of what.
PERCENTAGES = {
    "source_unknown_percent": ("source_unknown", "referral_count"),
    "primary_need_unknown_percent": ("need_unknown", "for_action"),
    "ethnicity_unknown_percent": ("ethnicity_unknown", "referral_count"),
    "sex_unknown_percent": ("sex_unknown", "referral_count"),
    "birth_date_unknown_percent": ("birth_date_unknown", "referral_count"),
    "school_age_with_upn_percent": ("with_upn", "school_age_child_count"),
}
#: Rules that are broken, and rows that break them, a row once for each of its rules.
BROKEN = ("error_rule_count", "error_row_count", "query_rule_count", "query_row_count")
COLUMNS = [
    "lea", "la_name", "child_count", "referral_count", *BROKEN, *PERCENTAGES, "school_age_child_count",
    "open_case_count", "carried_over_referral_count", "undated_referral_count", "closed_without_assessment_count",
    "overlapping_referral_count", "closed_before_referral_count",
]  # fmt: skip


def by_authority(store: CensusStore, year: int, breaks: pd.DataFrame) -> pd.DataFrame:
    """The table `quality_by_authority.csv`: England, then every authority of the year, those without a return too.

    `breaks` is what `census.checks.check` found in that year. Percentages are null where there is nothing to share.
    """
    connection = engine.connect()
    counts = _counts(checks.tables_of_year(connection, store, year), of_children(year))
    connection.disconnect()
    names = {authority.old_la_code: authority.la_name for authority in authorities() if authority.existed(year)}
    counts = counts.reindex(sorted({*names, *counts.index}))
    england = counts.sum().rename(ENGLAND[0]).to_frame().T
    broken = pd.concat([_broken(breaks.assign(lea=ENGLAND[0])), _broken(breaks)])
    table = pd.concat([england, counts]).join(broken).fillna(0).astype("int64")
    for name, (part, whole) in PERCENTAGES.items():
        table[name] = [_percentage(*pair) for pair in table[[part, whole]].itertuples(index=False)]
    table["la_name"] = table.index.map({**names, **dict([ENGLAND])})
    return table.rename_axis("lea").reset_index()[COLUMNS]


def _counts(tables: checks.Tables, children: dict[str, Any]) -> pd.DataFrame:
    """What is counted of child records, as given, and of referrals, by authority."""
    key = schema.REFERRALS.key
    referrals = checks.with_columns_above(tables, schema.REFERRALS)
    referrals = checks.with_facts(tables, referrals, key, {schema.ASSESSMENTS: {"assessments": _.count()}})
    referrals = checks.beside(referrals, checks.referrals_within_another(tables), key)
    parts = [
        rows.group_by("lea").aggregate(**{name: holds.fill_null(False).sum() for name, holds in wanted.items()})
        for rows, wanted in ((tables["children"], children), (referrals, OF_REFERRALS))
    ]
    return parts[0].execute().set_index("lea").join(parts[1].execute().set_index("lea"), how="outer")


def _broken(breaks: pd.DataFrame) -> pd.DataFrame:
    """Rules that are broken and rows that break them, by `lea`."""
    found = breaks.groupby(["lea", "severity"])
    counts = pd.DataFrame({"rule": found["rule"].nunique(), "row": found["breaks"].sum()}).unstack(fill_value=0)
    counts.columns = [f"{severity}_{what}_count" for what, severity in counts.columns]
    return counts.reindex(columns=list(BROKEN), fill_value=0)


def _percentage(part: int, whole: int) -> float | None:
    """To one decimal, half up."""
    return divide_half_up(1000 * part, whole) / 10 if whole else None
