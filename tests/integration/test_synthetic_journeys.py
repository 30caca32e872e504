"""What returns of a synthetic census show of a referral is what was drawn for it, and numbers drawn are those given."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from rereferrals.census.synthetic import raking
from rereferrals.census.synthetic.families import Histories, simulate
from rereferrals.census.synthetic.history import EPOCH
from rereferrals.census.synthetic.journeys import NEVER
from rereferrals.census.synthetic.quotas import LEVEL_OF_KIND, NFA, NOT_IN_NEED, NOTHING_NOT_IN_NEED, PLAN
from rereferrals.census.synthetic.returns import looked_after, make_returns, reported
from rereferrals.census.synthetic.shares import SHARES, counted, margins
from rereferrals.census.synthetic.targets import parameters, published_years, targets

YEARS = range(2016, 2025)
FAMILIES = (("334",), ("909", "942", "943"), ("371",))
SEED = 5
Case = tuple[str, int]


def case(number: int, day: int) -> Case:
    return str(number), day


@pytest.fixture(scope="module")
def all_targets() -> dict[tuple[str, int], Any]:
    return targets(range(YEARS.start, YEARS.stop + 1), 0.4)


@pytest.fixture(scope="module")
def histories(all_targets: dict[tuple[str, int], Any]) -> list[Histories]:
    return [simulate(family, YEARS, all_targets, SEED) for family in FAMILIES]


def levels_by_returns(histories: Histories, leas: tuple[str, ...]) -> tuple[dict[Case, int], dict[Case, set[int]]]:
    """M18 of every referral from what all returns say, slowly, and the years in which it is returned.

    A child is known by the digits of its identifier, which stay when the letter before them changes.
    """
    found: dict[Case, set[str]] = defaultdict(set)
    state: dict[Case, dict[str, Any]] = {}
    years: dict[Case, set[int]] = defaultdict(set)
    care: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for year in YEARS:
        for cases in reported([histories], leas, year):
            tables = {name: table.to_pylist() for name, table in make_returns(cases).items()}
            of_group = {}
            for row in tables["referrals"]:
                key = row["la_child_id"][1:], row["cin_referral_date"].toordinal() - EPOCH
                of_group[row["la_child_id"], row["referral_number"]] = key
                state[key] = row
                years[key].add(year)
                found[key] |= {"conference"} if row["date_of_initial_cpc"] else set()
            for name in ("assessments", "section47", "child_protection_plans", "cin_plans"):
                for row in tables[name]:
                    key = of_group[row["la_child_id"], row["referral_number"]]
                    found[key] |= {name} | ({"conference"} if row.get("date_of_initial_cpc") else set())
            for row in looked_after(cases).to_pylist():
                care[row["la_child_id"][1:]].append((row["decom"], row["dec"] or date(year, 3, 31)))
    return {key: level(key, row, found[key], care[key[0]]) for key, row in state.items()}, years


def level(key: Case, row: dict[str, Any], found: set[str], care: list[tuple[date, date]]) -> int:
    end = row["cin_closure_date"] or (row["cin_referral_date"] if row["referral_nfa"] else date(YEARS[-1], 3, 31))
    if any(first <= end and last >= row["cin_referral_date"] for first, last in care):
        return 7
    for number, name in ((6, "child_protection_plans"), (5, "conference"), (4, "section47"), (3, "cin_plans")):
        if name in found:
            return number
    if "assessments" in found:
        return 2 if row["reason_for_closure"] in ("RC8", "RC9") else 3
    return 1


@pytest.mark.parametrize("place", range(len(FAMILIES)))
def test_returns_show_the_level_that_was_drawn_for_a_referral_and_none_above_it(
    histories: list[Histories], place: int
) -> None:
    family, cases = histories[place], histories[place].referrals
    shown, years = levels_by_returns(family, FAMILIES[place])
    names = {row: ids(int(number)) for row, number in enumerate(family.children["number"])}
    # What happens after the last day of the last return cannot be shown: a year on, everything has happened.
    known = cases["day"] < (date(YEARS[-1], 3, 31) - timedelta(days=366)).toordinal() - EPOCH
    rows = np.flatnonzero(known & (cases["day"] >= date(YEARS[1], 4, 1).toordinal() - EPOCH))
    drawn = {(names[int(cases["child"][r])], int(cases["day"][r])): int(LEVEL_OF_KIND[cases["kind"][r]]) for r in rows}

    assert len(drawn) > 1000
    assert {key for key in drawn if key not in shown} == set()
    assert {(key, shown[key], of) for key, of in drawn.items() if shown[key] != of} == set()
    late = {key: years[key] for key in drawn if cases["late"][rows[list(drawn).index(key)]]}
    assert late and all(min(of) == referral_year(key[1]) + 1 for key, of in late.items())


def referral_year(day: int) -> int:
    on = date.fromordinal(day + EPOCH)
    return on.year + (on.month > 3)


def ids(number: int) -> str:
    from rereferrals.census.synthetic.returns import ID_DIGITS, _scramble

    return f"{int(_scramble(np.array([number], np.int32), ID_DIGITS)[0]):0{ID_DIGITS}d}"


def test_every_authority_has_its_annual_numbers_and_nearly_its_share_of_each_kind(
    histories: list[Histories], all_targets: dict[tuple[str, int], Any]
) -> None:
    for family in histories:
        cases = family.referrals
        year = np.array([referral_year(int(day)) for day in cases["day"]])
        for (code, of_year), target in all_targets.items():
            mine = (cases["referred_to"] == int(code)) & (year == of_year)
            # In the first year simulated too few children are known for all returns within a year.
            if not mine.any() or of_year == YEARS[0]:
                continue
            kinds = np.bincount(cases["kind"][mine], minlength=len(LEVEL_OF_KIND))
            assert kinds[NFA] == target.no_further_action
            assert kinds[NOTHING_NOT_IN_NEED] + kinds[NOT_IN_NEED] == target.not_in_need
            assert np.abs(kinds - target.quota.kinds).max() <= 2, (code, of_year)


def test_a_plan_or_a_looked_after_episode_lies_within_its_case(histories: list[Histories]) -> None:
    for family in histories:
        cases = family.referrals
        planned = cases["plan_start"] != NEVER
        assert (planned | (cases["kind"] != PLAN)).all()
        assert (cases["plan_start"] <= cases["plan_end"])[planned].all()
        assert (cases["plan_end"] <= cases["closure"])[planned].all()
        cared_for = cases["looked_after_start"] != NEVER
        assert (cases["day"] <= cases["looked_after_start"])[cared_for].all()
        assert (cases["looked_after_start"] <= cases["looked_after_end"])[cared_for].all()
        assert (cases["looked_after_end"] < cases["closure"])[cared_for].all()


def test_england_has_the_levels_gangs_and_plans_that_are_declared() -> None:
    whole = targets(published_years(), 1.0)
    for year in sorted({m.year for m in margins() if m.statistic == "count"}):
        mine = [target.quota for (_, of_year), target in whole.items() if of_year == year and target.quota]
        by_level: Counter[str] = Counter()
        for quota in mine:
            for kind, number in enumerate(quota.kinds):
                by_level[str(LEVEL_OF_KIND[kind])] += number
        for (_, name), number in counted("level", year).items():
            assert abs(by_level[name] - number) <= 1, (year, name)
        for place, status in enumerate(raking.STATUSES):
            given = counted("gangs", year).get((status, "Gangs"))
            assert given is None or sum(quota.gangs[place] for quota in mine if quota.gangs) == given
        new = counted("child_protection", year).get(("all", "new"))
        assert new is None or sum(quota.subjects or 0 for quota in mine) == new


def test_children_newly_on_a_plan_add_to_those_of_five_years() -> None:
    last = parameters()["child_protection"]["last_year"]
    years = {m.year: m.value for m in margins() if (m.table, m.categories) == ("child_protection", "new")}

    assert sum(years.values()) == counted("child_protection", last)["all", "subject"]


def test_stored_shares_are_those_that_the_declared_margins_give() -> None:
    before = SHARES.read_text(encoding="utf-8")

    assert raking.as_text(raking.raked_shares()) == before


def test_shares_raked_meet_every_declared_margin() -> None:
    shares = raking.raked_shares()
    weights = dict(zip(raking.STATUSES, raking.status_weights(), strict=True))
    for margin in margins():
        if margin.table not in ("level", "source", "need") or margin.statistic != "percent":
            continue
        of = raking.GROUPS[margin.of]
        part = [c for c in {k[3] for k in shares if k[0] == margin.table} if c in raking.names(margin)]
        share = sum(weights[s] * shares[margin.table, margin.year, s, c] for s in of for c in part)
        assert 100 * share / sum(weights[s] for s in of) == pytest.approx(margin.value, abs=0.01), margin
