"""What the chapter on child protection plans over five years says and draws."""

from rereferrals.chart_model import Chart
from rereferrals.commentary.wording import most
from rereferrals.datasets.child_protection import I1
from rereferrals.measures.child_protection import (
    ACTIVE,
    NOT_ACTIVE,
    NOT_ACTIVE_ONE_IN,
    POPULATION,
    SUBJECT,
    SUBJECT_ONE_IN,
)
from rereferrals.model import Claim, percentage

SUBJECT_IN_FIVE_YEARS = Claim(
    "One in {one_in:,} children aged sixteen or under on 31 March {one_in.year} had been the subject of a child "
    "protection plan at some time in the five years before: {children:,} children of {population:,}.",
    one_in=I1.cell(SUBJECT_ONE_IN),
    children=I1.cell(SUBJECT),
    population=I1.cell(POPULATION),
)
NOT_ACTIVE_AT_END = Claim(
    "Of these, {children:,} no longer had an active plan on that day. That is {share:.0f}% of them, and one in "
    "{one_in:,} of all children of that age. The other {active:,} were still the subject of a plan.",
    children=I1.cell(NOT_ACTIVE),
    share=percentage(I1.cell(NOT_ACTIVE), of=I1.cell(SUBJECT)),
    one_in=I1.cell(NOT_ACTIVE_ONE_IN),
    active=I1.cell(ACTIVE),
)

PLANS_CHART = Chart(
    name="child_protection_over_five_years",
    mark="bar",
    shows={"No longer on a plan": I1.cell(NOT_ACTIVE), "Still on a plan": I1.cell(ACTIVE)},
    category_title="At the end of the five years",
    value_title="Number of children",
    title=Claim(
        "Most children with a plan in the last five years no longer have one",
        share=percentage(I1.cell(NOT_ACTIVE), of=I1.cell(SUBJECT)),
        true_if=most("share"),
    ),
    subtitle=Claim(
        "Children aged sixteen or under who were the subject of a child protection plan at some time in the five "
        "years to 31 March {children.year}, England",
        children=I1.cell(SUBJECT),
    ),
    alt=Claim(
        "Bar chart: of children who were the subject of a child protection plan in the five years to 31 March "
        "{ended.year}, {ended:,} no longer had an active plan at the end, and {active:,} had.",
        ended=I1.cell(NOT_ACTIVE),
        active=I1.cell(ACTIVE),
    ),
)

CHARTS = (PLANS_CHART,)
