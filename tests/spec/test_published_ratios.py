"""What every published percentage and rate is of: its base, written down here once more (M05, M09–M19, M25)."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from rereferrals.datasets.registry import ALL
from rereferrals.model import NATIONAL, DataSet, Estimate, Rate, Share
from rereferrals.published import ratio
from rereferrals.statistics import disclosure

COUNTED = [data_set for data_set in ALL if not data_set.made_from]
#: Data set, percentage → what is divided and by what.
RATES = {
    ("A1", "rereferral_percent"): ("rereferral_count", "referral_count"),
    ("A1", "no_further_action_percent"): ("no_further_action_count", "referral_count"),
    ("A1", "not_in_need_percent"): ("not_in_need_count", "referral_count"),
    ("A1", "rereferral_child_percent"): ("rereferral_child_count", "referral_child_count"),
    ("A3", "rereferral_child_percent"): ("rereferral_child_count", "initial_child_count"),
    **{
        (data_set, f"{name}_percent"): (f"{name}_count", whole)
        for data_set, names in (
            ("cin_c1", ("rereferral", "no_further_action", "not_in_need", "rereferral_child")),
            ("F1", ("rereferral", "no_further_action", "not_in_need")),
        )
        for name in names
        for whole in (("referral_child_count",) if name == "rereferral_child" else ("referral_count",))
    },
    ("F1", "referral_rate"): ("referral_count", "population_estimate"),
    ("A4b", "left_out_episode_percent"): ("left_out_episode_count", "episode_count"),
    ("C1", "fsm_eligible_percent"): ("fsm_eligible_count", "fsm_known_count"),
    ("C1", "fsm_unknown_percent"): ("fsm_unknown_count", "school_age_child_count"),
    ("C2", "ehc_plan_percent"): ("ehc_plan_count", "provision_known_count"),
    ("C2", "support_percent"): ("support_count", "provision_known_count"),
    ("C2", "any_provision_percent"): ("any_provision_count", "provision_known_count"),
    ("C2", "provision_unknown_percent"): ("provision_unknown_count", "school_age_child_count"),
    ("D2", "re_referral_rate"): ("re_referrals", "total_referrals_byAF"),
    ("D3", "factor_recorded_percent"): ("factor_recorded_count", "referral_count"),
    ("H1b", "rereferred_percent"): ("rereferred_count", "closed_case_count"),
    ("I1", "subject_child_rate"): ("subject_child_count", "population_count"),
    ("I1", "one_in_children"): ("population_count", "subject_child_count"),
    ("I1", "not_active_child_rate"): ("not_active_child_count", "population_count"),
    ("I1", "one_in_children_not_active"): ("population_count", "not_active_child_count"),
}
#: Data set, percentage → what is shared out, and the filter whose categories share it.
SHARES = {
    ("A2", "referral_child_percent"): ("referral_child_count", "number_of_referrals"),
    ("A4", "referrals_percent"): ("referrals", "reflencat"),
    ("A5", "referrals_percent"): ("referrals", "referral_source_group"),
    ("A6", "referrals_percent"): ("referrals", "primaryneed"),
    ("B1", "child_percent"): ("child_count", "child_rereferred"),
    ("B2", "child_percent"): ("child_count", "sex"),
    ("B3", "child_percent"): ("child_count", "age_group"),
    ("B4", "child_percent"): ("child_count", "ethnicity_major"),
    ("B5", "child_percent"): ("child_count", "disability"),
    ("D1", "caseshare"): ("referrals", "assessmentfactor"),
    ("E1", "referrals_percent"): ("referrals", "level_description"),
    ("E2", "referrals_percent"): ("referrals", "next_level_description"),
    ("E3", "referrals_percent"): ("referrals", "step_reached"),
}


def test_every_rate_and_share_is_written_down_here() -> None:
    declared = {(d.id, i.name): i for d in COUNTED for i in d.indicators}
    assert {key for key, i in declared.items() if isinstance(i, Rate)} == set(RATES)
    assert {key for key, i in declared.items() if isinstance(i, Share)} == set(SHARES)


def made_up(data_set: DataSet) -> pd.DataFrame:
    """One year of counts that all differ, with a row for every category and total of every filter."""
    grid = itertools.product(*([*([f.total] if f.total else []), *f.categories] for f in data_set.filters))
    names = [f.name for f in data_set.filters]
    rows = [dict(zip(names, categories, strict=True)) for categories in grid]
    numbers = itertools.count(1009, 97)
    for row in rows:
        row |= {"time_period": 2023, "geographic_level": NATIONAL}
        row |= {count.name: next(numbers) for count in data_set.counts}
        row |= {indicator.name: 0.5 for indicator in data_set.indicators if isinstance(indicator, Estimate)}
    return pd.DataFrame(rows)


@pytest.mark.parametrize("data_set", COUNTED, ids=lambda data_set: data_set.id)
def test_a_ratio_is_of_the_base_that_is_written_down(data_set: DataSet) -> None:
    counts = made_up(data_set)
    published = disclosure.publish(counts, data_set).frame
    filters = [f.name for f in data_set.filters]
    totals = {f.name: f.total for f in data_set.filters}
    row_at = {tuple(row[name] for name in filters): row for row in counts.to_dict("records")}
    for shown in published.to_dict("records"):
        row = row_at[tuple(shown[name] for name in filters)]
        for indicator in data_set.indicators:
            if isinstance(indicator, Rate):
                above, below = (row[name] for name in RATES[data_set.id, indicator.name])
            elif isinstance(indicator, Share):
                of, within = SHARES[data_set.id, indicator.name]
                base = tuple(totals[name] if name == within else row[name] for name in filters)
                above, below = row[of], row_at[base][of]
            else:
                continue
            expected = ratio(above, below, indicator.per, indicator.decimal_places)
            assert shown[indicator.name] == expected, indicator.name
