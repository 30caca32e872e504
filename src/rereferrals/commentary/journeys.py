"""What the chapter on journeys through social care says and draws."""

from functools import reduce
from operator import add

from rereferrals.chart_model import Cells, Chart
from rereferrals.commentary.wording import below, higher_than, lower_than, most
from rereferrals.datasets.journeys import E1, E2, E3
from rereferrals.measures.journeys import (
    ASSESSED,
    CONFERRED,
    ENQUIRED,
    INITIAL,
    LEADING,
    LEVEL,
    LEVEL_BEFORE,
    LEVEL_SHARE,
    LEVELS,
    NEXT_SHARE,
    NEXT_STEP,
    NOT_LEADING,
    NOT_REREFERRED,
    PLANNED,
    REFERRAL_TYPE,
    REFERRALS,
    REREFERRAL,
    STEP_SHARE,
)
from rereferrals.model import Claim, Figure, Quantity, percentage

NO_ACTION, NOT_IN_NEED, IN_NEED, ENQUIRY, CONFERENCE, PLAN, LOOKED_AFTER = LEVELS
STOPPED_SHORT, BEYOND = LEVELS[:3], LEVELS[3:]
#: Levels as they are named in pictures.
LEVEL_NAMES = dict(
    zip(
        LEVELS,
        (
            "No further action", "Assessed as not in need", "Child in need", "Section 47 enquiry",
            "Child protection conference", "Child protection plan", "Looked after",
        ),
        strict=True,
    )
)  # fmt: skip
TYPE_NAMES = {
    NOT_LEADING: "Initial, not re-referred", LEADING: "Initial, later re-referred", REREFERRAL: "Re-referrals",
}  # fmt: skip


def share(level: str, referral_type: str) -> Figure:
    """The percentage of referrals of a type at a level, in the latest year in which all types are known.

    Re-referrals are known a year before the other types are: a year more has to pass for those.
    """
    year = -1 if referral_type == REREFERRAL else "latest"
    return E1.cell(LEVEL_SHARE, year, level_description=level, referral_type=referral_type)


def at_levels(levels: tuple[str, ...], referral_type: str) -> Quantity:
    """How many referrals of a type of initial referral are at any of these levels."""
    counts: list[Quantity] = [
        E1.cell(REFERRALS, level_description=level, referral_type=referral_type) for level in levels
    ]
    return reduce(add, counts)


# Initial referrals

INITIAL_LEVELS = Claim(
    "Of initial referrals in the year ending 31 March {none.year}, {none:.0f}% ended with no further action, "
    "{not_in_need:.0f}% with an assessment that found the child not to be in need, and {in_need:.0f}% with support as "
    "a child in need and nothing beyond it.",
    none=share(NO_ACTION, INITIAL),
    not_in_need=share(NOT_IN_NEED, INITIAL),
    in_need=share(IN_NEED, INITIAL),
)
BEYOND_IN_NEED = Claim(
    "Fewer than three in ten initial referrals ({beyond:.0f}%) went on to a section 47 enquiry or further.",
    beyond=percentage(at_levels(BEYOND, INITIAL), of=at_levels(LEVELS, INITIAL)),
    true_if=below("beyond", 30),
)
HIGHEST_LEVELS = Claim(
    "For {enquiry:.0f}% the enquiry was the highest level. For {conference:.0f}% it was a child protection conference, "
    "for {plan:.0f}% a child protection plan, and for {looked_after:.0f}% the child was looked after.",
    enquiry=share(ENQUIRY, INITIAL),
    conference=share(CONFERENCE, INITIAL),
    plan=share(PLAN, INITIAL),
    looked_after=share(LOOKED_AFTER, INITIAL),
)


def reached(step: str) -> Figure:
    """The percentage of all referrals that reached a step, in the latest year."""
    return E3.cell(STEP_SHARE, step_reached=step)


STEPS_REACHED = Claim(
    "Counted at every step on the way, {assessed:.0f}% of all referrals in the year ending 31 March {assessed.year} "
    "were assessed. {enquiry:.0f}% reached a section 47 enquiry, {conference:.0f}% an initial child protection "
    "conference, and {plan:.0f}% a child protection plan.",
    assessed=reached(ASSESSED),
    enquiry=reached(ENQUIRED),
    conference=reached(CONFERRED),
    plan=reached(PLANNED),
)

# By what followed

LOW_LEVELS_LEAD = Claim(
    "Initial referrals that led to a re-referral more often ended early. Of these, {leading_none:.0f}% ended with no "
    "further action and {leading_not_in_need:.0f}% were assessed as not in need. Of those that did not lead to one, it "
    "was {not_leading_none:.0f}% and {not_leading_not_in_need:.0f}%.",
    leading_none=share(NO_ACTION, LEADING),
    leading_not_in_need=share(NOT_IN_NEED, LEADING),
    not_leading_none=share(NO_ACTION, NOT_LEADING),
    not_leading_not_in_need=share(NOT_IN_NEED, NOT_LEADING),
    true_if=(
        higher_than("leading_none", "not_leading_none"), higher_than("leading_not_in_need", "not_leading_not_in_need"),
    ),
)  # fmt: skip
ENQUIRY_SELDOM_REREFERRED = Claim(
    "Initial referrals that reach a section 47 enquiry or further are seldom followed by another within 12 months: "
    "{beyond:.0f}% were, against {short:.0f}% of those that stopped short of one.",
    beyond=percentage(at_levels(BEYOND, LEADING), of=at_levels(BEYOND, INITIAL)),
    short=percentage(at_levels(STOPPED_SHORT, LEADING), of=at_levels(STOPPED_SHORT, INITIAL)),
    true_if=(lower_than("beyond", "short"), below("beyond", 20)),
)
REREFERRAL_HIGHER = Claim(
    "A re-referral is more likely than an initial referral to reach a section 47 enquiry ({enquiry:.0f}% against "
    "{first_enquiry:.0f}%), a child protection plan ({plan:.0f}% against {first_plan:.0f}%), or to be of a child who "
    "is looked after ({care:.0f}% against {first_care:.0f}%).",
    enquiry=share(ENQUIRY, REREFERRAL),
    first_enquiry=share(ENQUIRY, INITIAL),
    plan=share(PLAN, REREFERRAL),
    first_plan=share(PLAN, INITIAL),
    care=share(LOOKED_AFTER, REREFERRAL),
    first_care=share(LOOKED_AFTER, INITIAL),
    true_if=(
        higher_than("enquiry", "first_enquiry"), higher_than("plan", "first_plan"), higher_than("care", "first_care"),
    ),
)  # fmt: skip
PLANS_BY_TYPE = Claim(
    "Of re-referrals, {rereferral:.0f}% led to a child protection plan, against {not_leading:.0f}% of initial "
    "referrals that were not followed by another.",
    rereferral=share(PLAN, REREFERRAL),
    not_leading=share(PLAN, NOT_LEADING),
    true_if=higher_than("rereferral", "not_leading"),
)

# What came next

NOT_FOLLOWED = Claim(
    "Of all referrals in the year ending 31 March {not_followed.year}, initial or not, {not_followed:.0f}% were not "
    "followed by another referral of the child within 12 months.",
    not_followed=E2.cell(NEXT_SHARE, next_level_description=NOT_REREFERRED),
)
NEXT_AFTER_LEVELS = Claim(
    "After no further action it was {none:.0f}%, and after a child protection plan {plan:.0f}%.",
    none=E2.cell(NEXT_SHARE, level_description=NO_ACTION, next_level_description=NOT_REREFERRED),
    plan=E2.cell(NEXT_SHARE, level_description=PLAN, next_level_description=NOT_REREFERRED),
)

# All referrals over the years


def _first(level: str) -> Figure:
    return E1.cell(REFERRALS, "first", level_description=level)


def _first_share(level: str) -> Figure:
    return E1.cell(LEVEL_SHARE, "first", level_description=level)


FIRST_YEAR = Claim(
    "In the year ending 31 March {none.year}, the first that is covered, {none:,} of all referrals ({none_share}%) "
    "ended with no further action, {not_in_need:,} ({not_in_need_share}%) with an assessment as not in need, and "
    "{in_need:,} ({in_need_share}%) with support as a child in need. A section 47 enquiry was the highest level for "
    "{enquiry:,} ({enquiry_share}%), and a child protection conference for {conference:,} ({conference_share}%).",
    none=_first(NO_ACTION),
    none_share=_first_share(NO_ACTION),
    not_in_need=_first(NOT_IN_NEED),
    not_in_need_share=_first_share(NOT_IN_NEED),
    in_need=_first(IN_NEED),
    in_need_share=_first_share(IN_NEED),
    enquiry=_first(ENQUIRY),
    enquiry_share=_first_share(ENQUIRY),
    conference=_first(CONFERENCE),
    conference_share=_first_share(CONFERENCE),
)
LATEST_YEAR = Claim(
    "In {none.year} the percentages were {none}%, {not_in_need}%, {in_need}%, {enquiry}% and {conference}%.",
    none=E1.cell(LEVEL_SHARE, level_description=NO_ACTION),
    not_in_need=E1.cell(LEVEL_SHARE, level_description=NOT_IN_NEED),
    in_need=E1.cell(LEVEL_SHARE, level_description=IN_NEED),
    enquiry=E1.cell(LEVEL_SHARE, level_description=ENQUIRY),
    conference=E1.cell(LEVEL_SHARE, level_description=CONFERENCE),
)

# Charts

_STACK = Cells(
    E1, LEVEL_SHARE, rows=REFERRAL_TYPE, columns=LEVEL, row_names=TYPE_NAMES, column_names=LEVEL_NAMES
)  # fmt: skip
LEVELS_CHART = Chart(
    name="levels_by_type_of_referral",
    mark="stack",
    shows=_STACK,
    category_title="Type of referral",
    value_title="Percentage of referrals of the type",
    title=Claim(
        "Referrals that lead to a re-referral more often end early, and re-referrals more often go further",
        leading_none=share(NO_ACTION, LEADING),
        leading_not_in_need=share(NOT_IN_NEED, LEADING),
        not_leading_none=share(NO_ACTION, NOT_LEADING),
        not_leading_not_in_need=share(NOT_IN_NEED, NOT_LEADING),
        plan=share(PLAN, REREFERRAL),
        leading_plan=share(PLAN, LEADING),
        not_leading_plan=share(PLAN, NOT_LEADING),
        true_if=(
            higher_than("leading_none", "not_leading_none"),
            higher_than("leading_not_in_need", "not_leading_not_in_need"),
            higher_than("plan", "not_leading_plan"),
            higher_than("plan", "leading_plan"),
        ),
    ),
    subtitle=Claim(
        "Percentage of referrals by the highest level of intervention reached, by type of referral, England, year "
        "ending 31 March {levels.year}",
        levels=_STACK,
    ),
    alt=Claim(
        "Stacked bar chart, a bar for each of three types of referral, from no further action to looked after. No "
        "further action or not in need: {leading_none}% and {leading_not_in_need}% of initial referrals later "
        "followed, {none}% and {not_in_need}% of those not.",
        leading_none=share(NO_ACTION, LEADING),
        leading_not_in_need=share(NOT_IN_NEED, LEADING),
        none=share(NO_ACTION, NOT_LEADING),
        not_in_need=share(NOT_IN_NEED, NOT_LEADING),
    ),
)
_FLOW = Cells(
    E2,
    REFERRALS,
    rows=LEVEL_BEFORE,
    columns=NEXT_STEP,
    row_names=LEVEL_NAMES,
    column_names={NOT_REREFERRED: NOT_REREFERRED, **LEVEL_NAMES},
)
NEXT_CHART = Chart(
    name="what_came_next",
    mark="flow",
    shows=_FLOW,
    category_title="Level of a referral",
    value_title="What came next within 12 months",
    title=Claim(
        "Most referrals are not followed by another within 12 months",
        not_followed=E2.cell(NEXT_SHARE, next_level_description=NOT_REREFERRED),
        true_if=most("not_followed"),
    ),
    subtitle=Claim(
        "Number of referrals by the highest level of intervention reached, and the level of the child's next referral "
        "if it came within 12 months, England, year ending 31 March {flow.year}",
        flow=_FLOW,
    ),
    alt=Claim(
        "Flow diagram from the level of each referral to what came next: {not_followed}% of all were not followed by "
        "another referral within 12 months, and the others return at every level.",
        not_followed=E2.cell(NEXT_SHARE, next_level_description=NOT_REREFERRED),
    ),
)

CHARTS = (LEVELS_CHART, NEXT_CHART)
