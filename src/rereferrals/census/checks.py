"""The census returns against the validation rules: how often each is broken, and by which rows.

Rules are asked of tables that are widened with what they need from other tables of the same return:

- returns: `born` children (no expected birth date), and of these `born_without_gender` and `born_without_sex`;
  `kinds_of_disability`; `most_disabilities_of_a_child`;
- children: `records_with_this_id` and `records_with_this_upn`, 0 if there is no other; counts of `disabilities`,
  `different_disabilities`, `kinds_of_disability` (NONE aside), `invalid_disabilities`, `times_none`; counts of
  `referrals`, `nfa_referrals`, `referrals_for_action` and `open_cases` (neither closed nor without further action);
- referrals: the child's columns; `latest_referral_date` of the child; `is_within_another` case of the child;
  `latest_activity_date`; `last_working_day_before` the census year; counts of what is below, `dated_…`,
  `unauthorised_assessments`, `open_section47` and `times_no_factor`;
- assessments, section 47 enquiries and plans: the columns of their referral and child.

An LAchildID that is missing is "" here, so that rows find their parents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import Deferred, _
from ibis.expr.types import Table

from rereferrals import engine, reference
from rereferrals.census import schema
from rereferrals.census.constraints import InCodeSet
from rereferrals.census.rules import COLUMN_RULES, IS_CLOSED, IS_NFA, IS_OPEN, LAST_DAY, NOT_NFA, RULES, YEAR, Rule
from rereferrals.restricted import CensusStore

Tables = Mapping[str, Table]
Key = tuple[str, ...]
COUNTED = ["collection_year", "lea", "rule", "severity", "breaks"]


def check(store: CensusStore, years: Iterable[int] | None = None) -> pd.DataFrame:
    """Count the rows that break each rule: collection_year, lea, rule, severity, breaks; only rules that are broken.

    Codes that are unknown, or not of the year, break the rule of their column (`referrals.primary_need_code`) in
    every year. The result holds no value of any child, but counts of a few, so it is restricted all the same.
    """
    connection = engine.connect()
    counts = [
        _count(tables_of_year(connection, store, year), year)
        for year in (store.years if years is None else sorted(years))
    ]
    connection.disconnect()
    found = pd.concat([pd.DataFrame(columns=COUNTED), *counts]).astype({"collection_year": "int64", "breaks": "int64"})
    return found.sort_values(COUNTED[:3]).reset_index(drop=True)


def tables_of_year(connection: ibis.BaseBackend, store: CensusStore, year: int) -> dict[str, Table]:
    """Every table of the schema, of one collection year."""
    return {table.name: store.table(connection, table.name, (year,)) for table in schema.TABLES}


def breaks(rule: Rule, tables: Tables) -> Table:
    """The keys of the rows that break a rule; restricted."""
    rows = widened(tables, rule.table).filter(rule.in_force, rule.broken).select(*rule.table.key)
    return rows.mutate(la_child_id=_.la_child_id.nullif("")) if "la_child_id" in rule.table.key else rows


def summary(counts: pd.DataFrame) -> pd.DataFrame:
    """The result of `check`, for a reviewer: collection_year, rule, severity, words, authorities, breaks."""
    by_rule = counts.groupby(["collection_year", "rule", "severity"], as_index=False)
    found = by_rule.agg(authorities=("lea", "nunique"), breaks=("breaks", "sum"))
    words = [_words(rule, year) for rule, year in zip(found["rule"], found["collection_year"], strict=True)]
    found.insert(3, "words", pd.Series(words, dtype="str"))
    return found


def _words(code: str, year: int) -> str:
    return next(rule.words for rule in RULES + COLUMN_RULES if rule.code == code and rule.applies(year))


def _count(tables: Tables, year: int) -> pd.DataFrame:
    counts = []
    for rules, rows in ((COLUMN_RULES, _rows), (RULES, widened)):
        for table in schema.TABLES:
            asked = [rule for rule in rules if rule.table is table and rule.applies(year)]
            if asked:
                counts.append(_count_in(rows(tables, table), asked))
    return pd.concat(counts)


def _count_in(rows: Table, rules: list[Rule]) -> pd.DataFrame:
    """How often the rows of one table, by return, break rules of that table."""
    by_return, severities = ["collection_year", "lea"], {rule.code: rule.severity for rule in rules}
    broken = {rule.code: rule.broken.fill_null(False).sum() for rule in rules}
    wide = rows.group_by(by_return).aggregate(**broken).to_pandas()
    counts = wide.melt(by_return, var_name="rule", value_name="breaks")
    return counts.assign(severity=counts["rule"].map(severities))[COUNTED].query("breaks > 0")


def widened(tables: Tables, table: schema.Table) -> Table:
    """A table with everything that rules ask of its rows."""
    special = {schema.RETURNS: _returns, schema.CHILDREN: _children, schema.REFERRALS: _referrals}
    if table in special:
        return special[table](tables)
    rows, above = _rows(tables, table), table.parent
    while above:
        rows, above = _with_columns_of(tables, above, rows), above.parent
    return _with_repeated_conference(tables, rows) if table is schema.SECTION47 else rows


OTHER_THAN_NONE = (_.disability != "NONE").fill_null(False)
INVALID_DISABILITY = (_.disability.isnull() | InCodeSet("disability").broken(_.disability, YEAR)).fill_null(False)
BORN = _.expected_person_birth_date.isnull()
NO_CONFERENCE = _.date_of_initial_cpc.isnull()

#: What is counted of a return's children, and of its disabilities.
OF_RETURN = {
    schema.CHILDREN: {
        "born": BORN.sum(),
        "born_without_gender": (BORN & (_.gender_current.fill_null("0") == "0")).sum(),
        "born_without_sex": (BORN & (_.sex.fill_null("U") == "U")).sum(),
    },
    schema.DISABILITIES: {"kinds_of_disability": _.disability.nunique(where=OTHER_THAN_NONE)},
}

#: What is counted of a child's disabilities and referrals.
OF_CHILD = {
    schema.DISABILITIES: {
        "disabilities": _.count(),
        "different_disabilities": _.disability.nunique(),
        "kinds_of_disability": _.disability.nunique(where=OTHER_THAN_NONE),
        "invalid_disabilities": INVALID_DISABILITY.sum(),
        "times_none": (_.disability == "NONE").fill_null(False).sum(),
    },
    schema.REFERRALS: {
        "referrals": _.count(),
        "nfa_referrals": IS_NFA.sum(),
        "referrals_for_action": NOT_NFA.sum(),
        "open_cases": (IS_OPEN & NOT_NFA).sum(),
    },
}

#: What is counted of everything that a referral led to, and the latest day of it.
OF_REFERRAL = {
    schema.ASSESSMENTS: {
        "assessments": _.count(),
        "dated_assessments": (
            _.assessment_actual_start_date.notnull() | _.assessment_authorisation_date.notnull()
        ).sum(),
        "unauthorised_assessments": _.assessment_authorisation_date.isnull().sum(),
        "latest_assessment": ibis.greatest(_.assessment_actual_start_date.max(), _.assessment_authorisation_date.max()),
    },
    schema.FACTORS: {"times_no_factor": (_.assessment_factor == "21").fill_null(False).sum()},
    schema.SECTION47: {
        "section47": _.count(),
        "dated_section47": (_.s47_actual_start_date.notnull() | ~NO_CONFERENCE).sum(),
        "open_section47": (NO_CONFERENCE & ~_.icpc_not_required.fill_null(False)).sum(),
        "latest_section47": ibis.greatest(_.s47_actual_start_date.max(), _.date_of_initial_cpc.max()),
    },
    schema.CHILD_PROTECTION_PLANS: {"child_protection_plans": _.count(), "latest_plan": _.cpp_end_date.max()},
    schema.CIN_PLANS: {
        "cin_plans": _.count(),
        "latest_cin_plan": ibis.greatest(_.cin_plan_start_date.max(), _.cin_plan_end_date.max()),
    },
}


def _returns(tables: Tables) -> Table:
    key = schema.RETURNS.key
    rows = _with_facts(tables, _rows(tables, schema.RETURNS), key, OF_RETURN)
    by_child = _rows(tables, schema.DISABILITIES).group_by(schema.CHILDREN.key)
    kinds = by_child.aggregate(kinds=OF_CHILD[schema.DISABILITIES]["kinds_of_disability"])
    return _beside(rows, kinds.group_by(key).aggregate(most_disabilities_of_a_child=_.kinds.max()), key)


def _children(tables: Tables) -> Table:
    rows = _rows(tables, schema.CHILDREN)
    for shared, count in (("la_child_id", "records_with_this_id"), ("upn", "records_with_this_upn")):
        key = (*schema.RETURNS.key, shared)
        several = rows.group_by(key).having(_.count() > 1).aggregate(**{count: _[shared].count()})
        rows = _beside(rows, several, key)
    return _with_facts(tables, rows, schema.CHILDREN.key, OF_CHILD)


def _referrals(tables: Tables) -> Table:
    key = schema.REFERRALS.key
    rows = _with_columns_of(tables, schema.CHILDREN, _rows(tables, schema.REFERRALS))
    rows = _with_facts(tables, rows, key, OF_REFERRAL)
    rows = _beside(rows, _referrals_within_another(tables), key)
    children = _rows(tables, schema.REFERRALS).group_by(schema.CHILDREN.key).having(_.count() > 1)
    latest = children.aggregate(latest_referral_date=_.cin_referral_date.max())
    rows = _beside(rows, latest, schema.CHILDREN.key)
    activity = (_.latest_assessment, _.latest_section47, _.latest_plan, _.latest_cin_plan, _.date_of_initial_cpc)
    return rows.mutate(
        latest_activity_date=ibis.greatest(*activity), last_working_day_before=YEAR.cases(*_last_working_days())
    )


def _rows(tables: Tables, table: schema.Table) -> Table:
    """The rows as stored, but for a missing LAchildID."""
    rows = tables[table.name]
    return rows.mutate(la_child_id=_.la_child_id.fill_null("")) if "la_child_id" in table.key else rows


def _with_columns_of(tables: Tables, above: schema.Table, rows: Table) -> Table:
    """Add the columns of a table above, but those that the rows have themselves."""
    parents = _rows(tables, above)
    wanted = [name for name in parents.columns if name in above.key or name not in rows.columns]
    return _beside(rows, parents.select(wanted), above.key)


def _with_facts(tables: Tables, rows: Table, key: Key, facts: Mapping[schema.Table, Mapping[str, Deferred]]) -> Table:
    """Add what is counted of tables below."""
    for table, wanted in facts.items():
        rows = _beside(rows, _rows(tables, table).group_by(key).aggregate(**wanted), key)
    return rows


def _beside(rows: Table, facts: Table, key: Key) -> Table:
    """Add columns by key; where there is nothing to add, counts are 0 and the rest null."""
    joined = rows.left_join(facts, list(key)).drop(*(f"{name}_right" for name in key))
    added = facts.drop(*key).schema().items()
    return joined.mutate(**{name: joined[name].fill_null(0) for name, type_ in added if type_.is_integer()})


def _referrals_within_another(tables: Tables) -> Table:
    """Keys of the referrals dated within another case of the child, its first day included and its last left out.

    A case that is open runs to the reference date; a referral without further action that is not closed is no case.
    """
    child = list(schema.CHILDREN.key)
    dated = _rows(tables, schema.REFERRALS).filter(_.cin_referral_date.notnull())
    several = dated.group_by(child).mutate(siblings=_.count()).filter(_.siblings > 1)
    case = several.filter(IS_CLOSED | NOT_NFA).select(
        *child,
        case_number=_.referral_number,
        first_day=_.cin_referral_date,
        after=_.cin_closure_date.fill_null(LAST_DAY + ibis.interval(days=1)),
    )
    pairs = several.inner_join(case, child).filter(
        _.referral_number != _.case_number, _.first_day <= _.cin_referral_date, _.cin_referral_date < _.after
    )
    return pairs.select(*schema.REFERRALS.key).distinct().mutate(is_within_another=True)


def _with_repeated_conference(tables: Tables, section47: Table) -> Table:
    """Whether the conference's date is also recorded with a referral of the child."""
    key = (*schema.CHILDREN.key, "date_of_initial_cpc")
    recorded = _rows(tables, schema.REFERRALS).select(*key).distinct().mutate(conference_is_also_with_referral=True)
    return _beside(section47, recorded, key)


def _last_working_days() -> list[tuple[int, date]]:
    """For each collection year that bank holidays are known for, the last working day before it."""
    holidays = np.array(reference.bank_holidays(), dtype="datetime64[D]")
    years = range(holidays.min().item().year + 1, holidays.max().item().year + 2)
    firsts = [np.datetime64(date(year - 1, 4, 1)) for year in years]
    last = np.busday_offset(firsts, -1, roll="forward", holidays=holidays)
    return list(zip(years, last.tolist(), strict=True))
