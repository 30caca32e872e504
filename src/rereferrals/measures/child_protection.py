"""Measures of children with a child protection plan over five years (M25)."""

from ibis import _

from rereferrals.model import Count, Definition, Rate

SUBJECT = Count("subject_child_count", "Number of children who were the subject of a child protection plan")
NOT_ACTIVE = Count(
    "not_active_child_count", "Number of those children without an active plan at the end", where=~_.has_active_plan
)
ACTIVE = Count("active_child_count", "Number of those children with an active plan at the end", where=_.has_active_plan)
POPULATION = Count(
    "population_count", "Number of children aged 0 to 16 in the population", reference="population_0_to_16"
)


def _one_in(name: str, label: str, children: Count) -> Rate:
    return Rate(name, label, numerator=POPULATION, denominator=children, per=1, decimal_places=0, unit="")


SUBJECT_ONE_IN = _one_in(
    "one_in_children", "One in this many children was the subject of a child protection plan", SUBJECT
)
NOT_ACTIVE_ONE_IN = _one_in(
    "one_in_children_not_active",
    "One in this many children was the subject of a plan and has no active plan at the end",
    NOT_ACTIVE,
)
SUBJECT_RATE = Rate(
    "subject_child_rate",
    "Rate per 10,000 children aged 0 to 16",
    numerator=SUBJECT,
    denominator=POPULATION,
    per=10_000,
    unit="",
)
NOT_ACTIVE_RATE = Rate(
    "not_active_child_rate",
    "Rate of those without an active plan per 10,000 children aged 0 to 16",
    numerator=NOT_ACTIVE,
    denominator=POPULATION,
    per=10_000,
    unit="",
)

PLAN = Definition(
    "Child protection plan",
    "A plan of how a child who is likely to suffer significant harm will be kept safe. It is made at a child "
    "protection conference, and ends when the child no longer needs it.",
    also=("child protection plans",),
)
DEFINITIONS = (
    Definition(
        "Children with a plan over five years",
        "Children aged 16 or under at the end of the five years, or not yet born, with a child protection plan at some "
        "time in them.",
        "A plan without an end date is active.",
        ("M25",),
    ),
    PLAN,
)
