"""Which of our cells, and which of our sentences, say what each published figure says.

Names are those of `data/published_figures.csv` without their year; the year is that of the row.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add

from rereferrals.commentary import factors as on_factors
from rereferrals.commentary import journeys as on_journeys
from rereferrals.commentary import ofsted as on_ofsted
from rereferrals.commentary import referrals as on_referrals
from rereferrals.commentary import regional as on_regional
from rereferrals.datasets.characteristics import B2, B3, B4, B5, C1, C2
from rereferrals.datasets.child_protection import I1
from rereferrals.datasets.durations import A4
from rereferrals.datasets.factors import D1, D2, D3
from rereferrals.datasets.journeys import E1
from rereferrals.datasets.referrals import A1, A2, A3, A5, A6
from rereferrals.datasets.regional import CIN_C1
from rereferrals.datasets.registry import SECTIONS
from rereferrals.datasets.survival import H1_SUMMARY
from rereferrals.measures import characteristics, child_protection, durations, factors, journeys, referrals, survival
from rereferrals.model import Claim, Comparator, Figure, Quantity, percentage
from rereferrals.qa import published_statements
from rereferrals.reference import comparator

ONCE, TWICE, THREE_OR_MORE = referrals.NUMBER_OF_REFERRALS.categories
ONE_YEAR, THREE_YEARS, FIVE_YEARS = referrals.FOLLOW_UP.categories
THREE_MONTHS, _, SIX_MONTHS, ONE_TO_TWO, TWO_YEARS = durations.BANDS
NO_ACTION, NOT_IN_NEED, IN_NEED, ENQUIRY, CONFERENCE, PLAN, LOOKED_AFTER = journeys.LEVELS
TOTAL, INITIAL, REREFERRAL = journeys.TOTAL, journeys.INITIAL, journeys.REREFERRAL
LEADING, NOT_LEADING = journeys.LEADING, journeys.NOT_LEADING
AGAIN, NOT_AGAIN = characteristics.REREFERRED, characteristics.NOT_REREFERRED
DRUGS, NEGLECT, GANGS = "Drug misuse (any)", "Neglect", "Gangs"
EXPLOITATION, MISSING = "Child criminal exploitation", "Going/being missing"
FAITH, SEXUAL_ABUSE, MUTILATION = "Abuse linked to faith or belief", "Sexual abuse (any)", "Female Genital Mutilation"
ALL = "Total"


def _sum(quantities: Iterable[Quantity]) -> Quantity:
    return reduce(add, quantities)


def _children(referred: int | str) -> Figure:
    return A2.cell(referrals.CHILDREN_SHARE, number_of_referrals=str(referred))


def _cohort(follow_up: str) -> Figure:
    return A3.cell(referrals.COHORT_REREFERRED_RATE, follow_up=follow_up)


def _duration(band: str, following: str) -> Figure:
    return A4.cell(durations.DURATION_SHARE, reflencat=band, re_referral=following)


def _six_months_to_two_years(following: str) -> Quantity:
    """Two bands together, from their counts."""
    bands = (A4.cell(durations.EPISODES, reflencat=band, re_referral=following) for band in (SIX_MONTHS, ONE_TO_TWO))
    return percentage(_sum(bands), of=A4.cell(durations.EPISODES, re_referral=following))


def _source(group: str) -> Figure:
    return A5.cell(journeys.SOURCE_SHARE, referral_source_group=group)


def _need(need: str, referral_type: str) -> Figure:
    return A6.cell(journeys.NEED_SHARE, primaryneed=need, re_referral=referral_type)


def _sex(sex: str, status: str = ALL) -> Figure:
    return B2.cell(characteristics.SEX_SHARE, sex=sex, child_rereferred=status)


def _age(group: str, status: str = ALL) -> Figure:
    return B3.cell(characteristics.AGE_SHARE, age_group=group, child_rereferred=status)


def _ethnicity(group: str, status: str = ALL) -> Figure:
    return B4.cell(characteristics.ETHNICITY_SHARE, ethnicity_major=group, child_rereferred=status)


def _disability(status: str) -> Figure:
    disabled = characteristics.DISABLED
    return B5.cell(characteristics.DISABILITY_SHARE, disability=disabled, child_rereferred=status)


def _factor(factor: str, referral_type: str) -> Figure:
    return D1.cell(factors.CASE_SHARE, assessmentfactor=factor, referral_type=referral_type)


def _of_all_initial(factor: str) -> Quantity:
    """The share of a factor among initial referrals of both kinds, from their counts."""
    kinds = (
        D1.cell(factors.REFERRALS_WITH_FACTOR, assessmentfactor=factor, referral_type=kind)
        for kind in (NOT_LEADING, LEADING)
    )
    return percentage(_sum(kinds), of=D3.cell(factors.RECORDED, referral_type=INITIAL))


def _rates(*chosen: str) -> tuple[Figure, ...]:
    return tuple(D2.cell(factors.REREFERRAL_RATE, assessmentfactor=factor) for factor in chosen)


def _level(level: str, referral_type: str) -> Figure:
    return E1.cell(journeys.LEVEL_SHARE, level_description=level, referral_type=referral_type)


def _at(levels: Iterable[str], referral_type: str) -> Quantity:
    return _sum(E1.cell(journeys.REFERRALS, level_description=x, referral_type=referral_type) for x in levels)


WHITE, ASIAN = characteristics.ETHNIC_GROUPS[0], "Asian/Asian British"
UNDER_ONE, ONE_TO_FOUR, TEN = characteristics.UNDER_ONE_AND_UNBORN, "1 to 4", characteristics.TEN_AND_OVER
ABUSE, DYSFUNCTION = "N1 - Abuse or neglect", "N5 - Family dysfunction"
_LEVEL_NAMES = {
    "nfa": NO_ACTION, "not_in_need": NOT_IN_NEED, "cino": IN_NEED, "s47": ENQUIRY, "icpc": CONFERENCE, "cpp": PLAN,
    "cla": LOOKED_AFTER,
}  # fmt: skip
_OF_TYPE = {
    "initial": (INITIAL, ("nfa", "not_in_need", "cino", "icpc", "cpp", "cla")),
    "leading": (LEADING, ("nfa", "not_in_need")),
    "not_leading": (NOT_LEADING, ("nfa", "not_in_need", "cpp")),
    "rereferral": (REREFERRAL, ("cpp",)),
}

#: Name → the cell that should show it, or what follows from several; where there are more, each of them.
CELLS: Mapping[str, Quantity | tuple[Quantity, ...]] = {
    "referrals": A1.cell(referrals.REFERRALS),
    "rereferrals": A1.cell(referrals.REREFERRALS),
    "rereferral_rate": A1.cell(referrals.REREFERRAL_RATE),
    "children_one_referral": _children(ONCE),
    "children_two_referrals": _children(TWICE),
    "children_three_plus_share": _children(THREE_OR_MORE),
    "children_three_plus": A2.cell(referrals.CHILDREN, number_of_referrals=THREE_OR_MORE),
    "cohort_1yr": _cohort(ONE_YEAR),
    "cohort_3yr": _cohort(THREE_YEARS),
    "cohort_5yr": _cohort(FIVE_YEARS),
    "duration_3m_all": _duration(THREE_MONTHS, TOTAL),
    "duration_2y_all": _duration(TWO_YEARS, TOTAL),
    "duration_3m_rereferral": _duration(THREE_MONTHS, REREFERRAL),
    "duration_3m_initial": _duration(THREE_MONTHS, INITIAL),
    "duration_6m_2y_rereferral": _six_months_to_two_years(REREFERRAL),
    "duration_6m_2y_initial": _six_months_to_two_years(INITIAL),
    "source_police": _source("Police"),
    "source_schools": _source("Schools"),
    "need_abuse": _need(ABUSE, TOTAL),
    "need_family_dysfunction_initial": _need(DYSFUNCTION, INITIAL),
    "need_family_dysfunction_rereferral": _need(DYSFUNCTION, REREFERRAL),
    "children_referred": A1.cell(referrals.CHILDREN_REFERRED),
    "children_rereferred": A1.cell(referrals.CHILDREN_REREFERRED),
    "children_rereferred_rate": A1.cell(referrals.CHILDREN_REREFERRED_RATE),
    "male_all": _sex(characteristics.MALE),
    "female_all": _sex(characteristics.FEMALE),
    "male_rereferred": _sex(characteristics.MALE, AGAIN),
    "female_rereferred": _sex(characteristics.FEMALE, AGAIN),
    "under1_all": _age(UNDER_ONE),
    "under1_rereferred": _age(UNDER_ONE, AGAIN),
    "age1_4_all": _age(ONE_TO_FOUR),
    "age1_4_rereferred": _age(ONE_TO_FOUR, AGAIN),
    "age10_all": _age(TEN),
    "age10_rereferred": _age(TEN, AGAIN),
    "white_all": _ethnicity(WHITE),
    "white_rereferred": _ethnicity(WHITE, AGAIN),
    "white_not_rereferred": _ethnicity(WHITE, NOT_AGAIN),
    "asian_rereferred": _ethnicity(ASIAN, AGAIN),
    "asian_not_rereferred": _ethnicity(ASIAN, NOT_AGAIN),
    "disability_rereferred": _disability(AGAIN),
    "disability_not_rereferred": _disability(NOT_AGAIN),
    "fsm_all": C1.cell(characteristics.FSM_RATE),
    "fsm_rereferred": C1.cell(characteristics.FSM_RATE, child_rereferred=AGAIN),
    "fsm_not_rereferred": C1.cell(characteristics.FSM_RATE, child_rereferred=NOT_AGAIN),
    "sen_all": C2.cell(characteristics.ANY_SEN_RATE),
    "sen_ehc": C2.cell(characteristics.PLAN_RATE),
    "sen_support": C2.cell(characteristics.SUPPORT_RATE),
    "sen_rereferred": C2.cell(characteristics.ANY_SEN_RATE, child_rereferred=AGAIN),
    "sen_not_rereferred": C2.cell(characteristics.ANY_SEN_RATE, child_rereferred=NOT_AGAIN),
    "drug_initial": _of_all_initial(DRUGS),
    "drug_initial_leading": _factor(DRUGS, LEADING),
    "drug_initial_not_leading": _factor(DRUGS, NOT_LEADING),
    "drug_rereferral": _factor(DRUGS, REREFERRAL),
    "neglect_initial_leading": _factor(NEGLECT, LEADING),
    "neglect_initial_not_leading": _factor(NEGLECT, NOT_LEADING),
    "gangs_initial_not_leading": _factor(GANGS, NOT_LEADING),
    "gangs_initial_leading": _factor(GANGS, LEADING),
    "gangs_rereferral": _factor(GANGS, REREFERRAL),
    "gangs_referrals": D2.cell(factors.ALL_WITH_FACTOR, assessmentfactor=GANGS),
    "gangs_rereferrals": D2.cell(factors.REREFERRALS_WITH_FACTOR, assessmentfactor=GANGS),
    "gangs_rate": D2.cell(factors.REREFERRAL_RATE, assessmentfactor=GANGS),
    "factors_over_30": _rates(GANGS, EXPLOITATION, MISSING),
    "factors_under_20": _rates(FAITH, SEXUAL_ABUSE, MUTILATION),
    "initial_beyond_cin": percentage(_at(journeys.LEVELS[3:], INITIAL), of=_at(journeys.LEVELS, INITIAL)),
    **{
        f"{kind}_{name}": _level(_LEVEL_NAMES[name], referral_type)
        for kind, (referral_type, names) in _OF_TYPE.items()
        for name in names
    },
    **{f"e1_{name}": _at([level], TOTAL) for name, level in _LEVEL_NAMES.items()},
    **{f"e1_{name}_percent": _level(level, TOTAL) for name, level in _LEVEL_NAMES.items()},
    "c1_england_referrals": CIN_C1.cell(referrals.REFERRALS),
    "c1_england_rereferrals": CIN_C1.cell(referrals.REREFERRALS),
    "c1_england_percent": CIN_C1.cell(referrals.REREFERRAL_RATE),
    "c1_england_nfa": CIN_C1.cell(referrals.NO_FURTHER_ACTION),
    "c1_england_not_in_need": CIN_C1.cell(referrals.NOT_IN_NEED),
    "c1_england_children": CIN_C1.cell(referrals.CHILDREN_REFERRED),
    "c1_england_children_rereferred": CIN_C1.cell(referrals.CHILDREN_REREFERRED),
    "survival_episodes": H1_SUMMARY.cell(survival.CLOSED),
    "survival_rereferred": H1_SUMMARY.cell(survival.REREFERRED),
    "survival_rereferred_share": H1_SUMMARY.cell(survival.REREFERRED_RATE),
    "survival_12_months": H1_SUMMARY.cell(survival.YEAR_PROBABILITY),
    "survival_6_years": H1_SUMMARY.cell(survival.FULL_PROBABILITY),
    "cpp_five_years": I1.cell(child_protection.SUBJECT),
    "cpp_five_years_rate": I1.cell(child_protection.SUBJECT_ONE_IN),
    "cpp_not_active": I1.cell(child_protection.NOT_ACTIVE),
    "cpp_not_active_rate": I1.cell(child_protection.NOT_ACTIVE_ONE_IN),
}

#: Name → the claim that says the same, and holds only if it is so. Of a figure that has cells too, both must be as
#: published.
SAID: Mapping[str, Claim] = {
    "referrals_dip": on_referrals.REFERRALS_OVER_TIME,
    "cohort": on_referrals.LATER_COHORTS,
    "children_rereferred_stable": on_referrals.CHILDREN_RATE_OVER_TIME,
    "source_rereferral_higher": on_referrals.SOURCES_REREFERRAL_HIGHER,
    "source_initial_higher": on_referrals.SOURCES_INITIAL_HIGHER,
    "need_largest_difference": on_referrals.NEED_LARGEST_DIFFERENCE,
    "alcohol_mental_health_pattern": on_factors.DRUG_PATTERN,
    "neglect_emotional_pattern": on_factors.NEGLECT_PATTERN,
    "less_common_factors": on_factors.LESS_COMMON,
    "factors_over_30": on_factors.RATES_OVER,
    "factors_under_20": on_factors.RATES_UNDER,
    "initial_beyond_cin": on_journeys.BEYOND_IN_NEED,
    "journeys_s47_low": on_journeys.ENQUIRY_SELDOM_REREFERRED,
    "journeys_rereferral_higher": on_journeys.REREFERRAL_HIGHER,
    "regional_stable": on_regional.REGIONS_STABLE,
    "regional_highest_rereferral": published_statements.HIGHEST_REREFERRALS,
    "regional_highest_referral_rate": published_statements.HIGHEST_REFERRAL_RATES,
    "nfa_declined": on_regional.NO_FURTHER_ACTION_FALLEN,
    "deprivation_referral_rate": on_regional.RATE_AND_DEPRIVATION,
    "deprivation_rereferral": on_regional.AT_THE_SAME_RATE,
    "ofsted_outstanding": on_ofsted.OUTSTANDING_BEFORE,
    "ofsted_ri": on_ofsted.IMPROVEMENT_BEFORE,
    "ofsted_inadequate": on_ofsted.INADEQUATE_AFTER,
}

#: A section of the published release → the section of ours that has its figures, where that is another.
SECTION_OF = {
    "deprivation": "regional", "primary_need": "referrals", "repeat_referrals": "referrals",
    "rereferral_over_time": "referrals", "sources": "referrals",
}  # fmt: skip


def quoting() -> Mapping[str, Claim]:
    """Published figure → a claim that quotes it from `comparators.csv`."""
    return {
        comparator(figure.name).published_figure: said
        for section in SECTIONS
        for said in vars(importlib.import_module(f"rereferrals.commentary.{section}")).values()
        if isinstance(said, Claim)
        for figure in said.figures.values()
        if isinstance(figure, Comparator)
    }
