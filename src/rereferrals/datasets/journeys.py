"""Data sets on journeys through social care."""

from rereferrals.measures import journeys as measures
from rereferrals.model import DataSet

E1 = DataSet(
    id="E1",
    title="Referrals by highest level of intervention and type of referral",
    file_name="highest_level_of_intervention",
    unit="followup",
    filters=(measures.LEVEL, measures.REFERRAL_TYPE),
    indicators=(measures.REFERRALS, measures.LEVEL_SHARE),
    footnotes=("levels", "referral_types", "longitudinal", "rounding"),
    longitudinal=True,
)
E2 = DataSet(
    id="E2",
    title="What came next after each level of intervention",
    file_name="level_of_intervention_and_what_came_next",
    unit="followup",
    filters=(measures.LEVEL_BEFORE, measures.NEXT_STEP),
    indicators=(measures.REFERRALS, measures.NEXT_SHARE),
    footnotes=("levels", "next_step", "longitudinal", "rounding"),
    longitudinal=True,
    years_behind=1,
)
E3 = DataSet(
    id="E3",
    title="Referrals reaching each step, by type of referral",
    file_name="steps_reached",
    unit="followup",
    filters=(measures.STEP, measures.REFERRAL_TYPE),
    indicators=(measures.REFERRALS, measures.STEP_SHARE),
    footnotes=("steps", "referral_types", "longitudinal", "rounding"),
    longitudinal=True,
)

DATA_SETS = (E1, E2, E3)
