"""Data sets on children with a child protection plan over five years."""

from rereferrals.measures import child_protection as measures
from rereferrals.model import DataSet

I1 = DataSet(
    id="I1",
    title="Children who were the subject of a child protection plan over five years",
    file_name="child_protection_plans_over_five_years",
    unit="protected",
    indicators=(
        measures.SUBJECT, measures.SUBJECT_RATE, measures.SUBJECT_ONE_IN,
        measures.NOT_ACTIVE, measures.NOT_ACTIVE_RATE, measures.NOT_ACTIVE_ONE_IN,
        measures.ACTIVE, measures.POPULATION,
    ),
    footnotes=("five_years", "population", "linked", "rounding"),
    longitudinal=True,
    latest_only=True,
)  # fmt: skip

DATA_SETS = (I1,)
