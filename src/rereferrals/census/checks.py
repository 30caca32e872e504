"""The census returns against the validation rules: how often each is broken, and by which rows.

Rules are asked of tables that are widened with what they need from other tables of the same return:

- returns: `born` children (no expected birth date), and of these `born_without_gender` and `born_without_sex`;
  `kinds_of_disability`; `most_disabilities_of_a_child`; in the census year, `plans_started` and
  `conferences_of_referrals` and `conferences_of_section47`;
- children: `records_with_this_id` and `records_with_this_upn`, 0 if there is no other; counts of `disabilities`,
  `different_disabilities`, `kinds_of_disability` (NONE aside), `invalid_disabilities`, `times_none`; counts of
  `referrals`, `nfa_referrals`, `referrals_for_action` and `open_cases` (neither closed nor without further action);
  `open_child_protection_plans` and `open_cin_plans`;
- referrals: the child's columns; `latest_referral_date` of the child; `is_within_another` case of the child;
  `latest_activity_date`; counts of what is below, `dated_…`, `open_…`, `unauthorised_assessments`, `times_no_factor`,
  `conferences_outside_year` and `conferences_at_weekend` of section 47 enquiries;
- assessments: the columns of their referral and child; `is_within_another` of the case; counts of `factors`,
  `different_factors`, `invalid_factors`, `times_no_factor` and `other_factors`;
- section 47 enquiries: the same columns; `is_within_another` of the case; `conference_is_also_with_referral`;
- child protection plans: the same columns; `is_within_another` of the child; `is_within_cin_plan` of the case;
  `starts_with_conference` of the case;
- child in need plans: the same columns; `is_within_child_protection_plan` of the case;
- factors: their own columns;
- what comes beside the returns: see `census.input_rules`.

An LAchildID that is missing is "" here, so that rows find their parents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

import ibis
import pandas as pd
from ibis import Deferred, _
from ibis.expr.types import Table

from rereferrals import engine
from rereferrals.census import input_rules, schema
from rereferrals.census.constraints import InCodeSet
from rereferrals.census.rules import (
    COLUMN_RULES,
    IS_CLOSED,
    IS_NFA,
    IS_OPEN,
    LAST_DAY,
    NOT_NFA,
    RULES,
    YEAR,
    Rule,
    at_weekend,
    outside_year,
)
from rereferrals.restricted import CensusStore

Tables = Mapping[str, Table]
Key = tuple[str, ...]
COUNTED = ["collection_year", "lea", "rule", "severity", "breaks"]
ALL_COLUMN_RULES = COLUMN_RULES + input_rules.INPUT_COLUMN_RULES
ALL_RULES = RULES + input_rules.INPUT_RULES


def check(store: CensusStore, years: Iterable[int] | None = None) -> pd.DataFrame:
    """Count the rows that break each rule: collection_year, lea, rule, severity, breaks; only rules that are broken.

    Codes that are unknown, or not of the year, break the rule of their column (`referrals.primary_need_code`) in
    every year. `lea` is "" for an input without authorities. The result holds no value of any child, but counts of a
    few, so it is restricted all the same.
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
    returned = {table.name: store.table(connection, table.name, (year,)) for table in schema.TABLES}
    beside = {t.name: store.table(connection, t.name, (year,), t.types()) for t in schema.INPUTS}
    return returned | beside


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
    return next(rule.words for rule in ALL_RULES + ALL_COLUMN_RULES if rule.code == code and rule.applies(year))


def _count(tables: Tables, year: int) -> pd.DataFrame:
    counts = []
    for rules, rows in ((ALL_COLUMN_RULES, _rows), (ALL_RULES, widened)):
        for table in schema.BY_NAME.values():
            asked = [rule for rule in rules if rule.table is table and rule.applies(year)]
            if asked:
                counts.append(_count_in(rows(tables, table), asked))
    return pd.concat(counts)


def _count_in(rows: Table, rules: list[Rule]) -> pd.DataFrame:
    """How often the rows of one table, by return, break rules of that table."""
    by_return, severities = ["collection_year", "lea"], {rule.code: rule.severity for rule in rules}
    broken = {rule.code: rule.broken.fill_null(False).sum() for rule in rules}
    rows = rows if "lea" in rows.columns else rows.mutate(lea=ibis.literal(""))
    wide = rows.group_by(by_return).aggregate(**broken).to_pandas()
    counts = wide.melt(by_return, var_name="rule", value_name="breaks")
    return counts.assign(severity=counts["rule"].map(severities))[COUNTED].query("breaks > 0")


def widened(tables: Tables, table: schema.Table) -> Table:
    """A table with everything that rules ask of its rows."""
    if table in schema.INPUTS:
        return input_rules.WIDENED[table.name](_rows(tables, table))
    return WIDENED.get(table, _rows)(tables, table)


OTHER_THAN_NONE = (_.disability != "NONE").fill_null(False)
INVALID_DISABILITY = (_.disability.isnull() | InCodeSet("disability").broken(_.disability, YEAR)).fill_null(False)
INVALID_FACTOR = InCodeSet("assessment_factor").broken(_.assessment_factor, YEAR).fill_null(False)
BORN = _.expected_person_birth_date.isnull()
NO_CONFERENCE = _.date_of_initial_cpc.isnull()
NO_FACTOR = (_.assessment_factor == "21").fill_null(False)
IN_YEAR = {name: (~outside_year(_[name])).fill_null(False) for name in ("cpp_start_date", "date_of_initial_cpc")}
OPEN_PLANS = {
    schema.CHILD_PROTECTION_PLANS: {"open_child_protection_plans": _.cpp_end_date.isnull().sum()},
    schema.CIN_PLANS: {"open_cin_plans": _.cin_plan_end_date.isnull().sum()},
}

A_DAY = ibis.interval(days=1)
NEXT_DAY = LAST_DAY + A_DAY

#: Tables whose rows are codes, and facts of which are counted among different ones.
CODES = {schema.DISABILITIES: "disability", schema.FACTORS: "assessment_factor"}

#: What is counted of a return.
OF_RETURN = {
    schema.CHILDREN: {
        "born": BORN.sum(),
        "born_without_gender": (BORN & (_.gender_current.fill_null("0") == "0")).sum(),
        "born_without_sex": (BORN & (_.sex.fill_null("U") == "U")).sum(),
    },
    schema.DISABILITIES: {"kinds_of_disability": OTHER_THAN_NONE.sum()},
    schema.REFERRALS: {"conferences_of_referrals": IN_YEAR["date_of_initial_cpc"].sum()},
    schema.SECTION47: {"conferences_of_section47": IN_YEAR["date_of_initial_cpc"].sum()},
    schema.CHILD_PROTECTION_PLANS: {"plans_started": IN_YEAR["cpp_start_date"].sum()},
}

#: What is counted of a child's disabilities, referrals and plans.
OF_CHILD = OPEN_PLANS | {
    schema.DISABILITIES: {
        "disabilities": _.times.sum(),
        "different_disabilities": _.disability.count(),
        "kinds_of_disability": OTHER_THAN_NONE.sum(),
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
    schema.FACTORS: {"times_no_factor": NO_FACTOR.sum()},
    schema.SECTION47: {
        "section47": _.count(),
        "dated_section47": (_.s47_actual_start_date.notnull() | ~NO_CONFERENCE).sum(),
        "open_section47": (NO_CONFERENCE & ~_.icpc_not_required.fill_null(False)).sum(),
        "latest_section47": ibis.greatest(_.s47_actual_start_date.max(), _.date_of_initial_cpc.max()),
        "conferences_outside_year": outside_year(_.date_of_initial_cpc).fill_null(False).sum(),
        "conferences_at_weekend": at_weekend(_.date_of_initial_cpc).fill_null(False).sum(),
    },
    schema.CHILD_PROTECTION_PLANS: {
        "child_protection_plans": _.count(),
        "latest_plan": _.cpp_end_date.max(),
        **OPEN_PLANS[schema.CHILD_PROTECTION_PLANS],
    },
    schema.CIN_PLANS: {
        "cin_plans": _.count(),
        "latest_cin_plan": ibis.greatest(_.cin_plan_start_date.max(), _.cin_plan_end_date.max()),
        **OPEN_PLANS[schema.CIN_PLANS],
    },
}

#: What is counted of an assessment's factors.
OF_ASSESSMENT = {
    schema.FACTORS: {
        "factors": _.times.sum(where=_.assessment_factor.notnull()),
        "different_factors": _.assessment_factor.count(),
        "invalid_factors": INVALID_FACTOR.sum(),
        "times_no_factor": NO_FACTOR.sum(),
        "other_factors": (_.assessment_factor != "21").fill_null(False).sum(),
    },
}


def _returns(tables: Tables, table: schema.Table) -> Table:
    key = table.key
    rows = with_facts(tables, _rows(tables, table), key, OF_RETURN)
    by_child = _counted(tables, schema.DISABILITIES, schema.CHILDREN.key).group_by(schema.CHILDREN.key)
    kinds = by_child.aggregate(kinds=OF_CHILD[schema.DISABILITIES]["kinds_of_disability"])
    return beside(rows, kinds.group_by(key).aggregate(most_disabilities_of_a_child=_.kinds.max()), key)


def _children(tables: Tables, table: schema.Table) -> Table:
    rows = _rows(tables, table)
    for shared, count in (("la_child_id", "records_with_this_id"), ("upn", "records_with_this_upn")):
        key = (*schema.RETURNS.key, shared)
        several = rows.group_by(key).having(_.count() > 1).aggregate(**{count: _[shared].count()})
        rows = beside(rows, several, key)
    return with_facts(tables, rows, table.key, OF_CHILD)


def _referrals(tables: Tables, table: schema.Table) -> Table:
    rows = with_facts(tables, with_columns_above(tables, table), table.key, OF_REFERRAL)
    rows = beside(rows, referrals_within_another(tables), table.key)
    children = _rows(tables, table).group_by(schema.CHILDREN.key).having(_.count() > 1)
    latest = children.aggregate(latest_referral_date=_.cin_referral_date.max())
    rows = beside(rows, latest, schema.CHILDREN.key)
    activity = (_.latest_assessment, _.latest_section47, _.latest_plan, _.latest_cin_plan, _.date_of_initial_cpc)
    return rows.mutate(latest_activity_date=ibis.greatest(*activity))


def referrals_within_another(tables: Tables) -> Table:
    """The keys of referrals during another case of the child, its last day left out, marked `is_within_another`.

    A case that is open runs to the reference date; a referral without further action that is not closed is no case.
    """
    table = schema.REFERRALS
    rows = _rows(tables, table)
    after = _.cin_closure_date.fill_null(NEXT_DAY)
    referrals = _spans(rows, table, "cin_referral_date", after)
    cases = _spans(rows.filter(IS_CLOSED | NOT_NFA), table, "cin_referral_date", after)
    return _within_another(referrals, cases, table, schema.CHILDREN)


def _assessments(tables: Tables, table: schema.Table) -> Table:
    rows = with_facts(tables, with_columns_above(tables, table), table.key, OF_ASSESSMENT)
    after = _.assessment_authorisation_date.fill_null(LAST_DAY) + A_DAY
    spans = _spans(_rows(tables, table), table, "assessment_actual_start_date", after)
    return beside(rows, _within_another(spans, spans.view(), table, schema.REFERRALS), table.key)


def _section47(tables: Tables, table: schema.Table) -> Table:
    rows = _rows(tables, table)
    after = _.date_of_initial_cpc.fill_null(LAST_DAY) + A_DAY
    spans = _spans(rows, table, "s47_actual_start_date", after)
    lasting = _spans(rows.filter(~_.icpc_not_required.fill_null(False)), table, "s47_actual_start_date", after)
    wide = _with_repeated_conference(tables, with_columns_above(tables, table))
    return beside(wide, _within_another(spans, lasting, table, schema.REFERRALS), table.key)


def _child_protection_plans(tables: Tables, table: schema.Table) -> Table:
    rows = _rows(tables, table)
    wide = _with_conference(tables, with_columns_above(tables, table))
    spans = _spans(rows, table, "cpp_start_date", _.cpp_end_date.fill_null(LAST_DAY) + A_DAY)
    wide = beside(wide, _within_another(spans, spans.view(), table, schema.CHILDREN), table.key)
    cin_plans = _spans(
        _rows(tables, schema.CIN_PLANS),
        schema.CIN_PLANS,
        "cin_plan_start_date",
        _.cin_plan_end_date.fill_null(NEXT_DAY),
    )
    within = _pairs(spans, cin_plans, schema.REFERRALS).select(*table.key).distinct()
    return beside(wide, within.mutate(is_within_cin_plan=True), table.key)


def _cin_plans(tables: Tables, table: schema.Table) -> Table:
    above = schema.CHILD_PROTECTION_PLANS
    plans = _spans(_rows(tables, above), above, "cpp_start_date", _.cpp_end_date.fill_null(NEXT_DAY))
    spans = _spans(_rows(tables, table), table, "cin_plan_start_date", _.cin_plan_end_date.fill_null(NEXT_DAY))
    within = _pairs(spans, plans, schema.REFERRALS).select(*table.key).distinct()
    wide = with_columns_above(tables, table)
    return beside(wide, within.mutate(is_within_child_protection_plan=True), table.key)


#: How each table is widened; others are as they are stored.
WIDENED = {
    schema.RETURNS: _returns,
    schema.CHILDREN: _children,
    schema.REFERRALS: _referrals,
    schema.ASSESSMENTS: _assessments,
    schema.SECTION47: _section47,
    schema.CHILD_PROTECTION_PLANS: _child_protection_plans,
    schema.CIN_PLANS: _cin_plans,
}


def _rows(tables: Tables, table: schema.Table) -> Table:
    """The rows as stored, but for a missing LAchildID."""
    rows = tables[table.name]
    return rows.mutate(la_child_id=_.la_child_id.fill_null("")) if "la_child_id" in table.key else rows


def with_columns_above(tables: Tables, table: schema.Table) -> Table:
    """The rows with the columns of the tables above, but those that they have themselves."""
    rows, above = _rows(tables, table), table.parent
    while above:
        parents = _rows(tables, above)
        wanted = [name for name in parents.columns if name in above.key or name not in rows.columns]
        rows, above = beside(rows, parents.select(wanted), above.key), above.parent
    return rows


def with_facts(tables: Tables, rows: Table, key: Key, facts: Mapping[schema.Table, Mapping[str, Deferred]]) -> Table:
    """Add what is counted of tables below."""
    for table, wanted in facts.items():
        rows = beside(rows, _counted(tables, table, key).group_by(key).aggregate(**wanted), key)
    return rows


def _counted(tables: Tables, table: schema.Table, key: Key) -> Table:
    """The rows, or, where they are codes, each different code within the key and how many `times` it is recorded."""
    rows = _rows(tables, table)
    return rows.group_by((*key, CODES[table])).aggregate(times=_.count()) if table in CODES else rows


def beside(rows: Table, facts: Table, key: Key) -> Table:
    """Add columns by key; where there is nothing to add, counts are 0 and the rest null."""
    joined = rows.left_join(facts, list(key)).drop(*(f"{name}_right" for name in key))
    added = facts.drop(*key).schema().items()
    return joined.mutate(**{name: joined[name].fill_null(0) for name, type_ in added if type_.is_integer()})


def _spans(rows: Table, table: schema.Table, first: str, after: Deferred) -> Table:
    """What the rows span, where they have a first day: their key, `first_day`, and the day `after` the last."""
    return rows.filter(_[first].notnull()).select(*table.key, first_day=_[first], after=after)


def _within_another(spans: Table, others: Table, table: schema.Table, of: schema.Table) -> Table:
    """The keys of the spans that begin during another one of the same `of`, from among `others` of the table."""
    several = spans.group_by(of.key).having(_.count() > 1).aggregate()
    own = [name for name in table.key if name not in of.key]
    pairs = _pairs(spans.semi_join(several, of.key), others, of)
    found = pairs.filter(reduce(or_, [pairs[name] != pairs[f"other_{name}"] for name in own]))
    return found.select(*table.key).distinct().mutate(is_within_another=True)


def _pairs(spans: Table, others: Table, of: schema.Table) -> Table:
    """Spans beside those of the same `of` during which they begin."""
    pairs = spans.inner_join(others, list(of.key), rname="other_{name}")
    return pairs.filter(_.other_first_day <= _.first_day, _.first_day < _.other_after)


def _with_conference(tables: Tables, plans: Table) -> Table:
    """Whether the plan starts on the day of a conference: of a section 47 enquiry or, without any, of the referral."""
    group = list(schema.REFERRALS.key)
    section47 = _rows(tables, schema.SECTION47).select(*group, cpp_start_date=_.date_of_initial_cpc)
    referrals = _rows(tables, schema.REFERRALS).select(*group, cpp_start_date=_.date_of_initial_cpc)
    days = section47.union(referrals.anti_join(section47, group)).distinct()
    return beside(plans, days.mutate(starts_with_conference=True), (*group, "cpp_start_date"))


def _with_repeated_conference(tables: Tables, section47: Table) -> Table:
    """Whether the conference's date is also recorded with a referral of the child."""
    key = (*schema.CHILDREN.key, "date_of_initial_cpc")
    recorded = _rows(tables, schema.REFERRALS).select(*key).distinct().mutate(conference_is_also_with_referral=True)
    return beside(section47, recorded, key)
