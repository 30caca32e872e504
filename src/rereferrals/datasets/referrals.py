"""Data sets on referrals, repeat referrals, and re-referral over the years that follow."""

from rereferrals.measures import journeys
from rereferrals.measures import referrals as measures
from rereferrals.model import DataSet

A1 = DataSet(
    id="A1",
    title="Referrals, re-referrals and children referred",
    file_name="referrals_and_rereferrals_england",
    unit="referrals",
    indicators=(
        measures.REFERRALS,
        measures.REREFERRALS,
        measures.REREFERRAL_RATE,
        measures.NO_FURTHER_ACTION,
        measures.NO_FURTHER_ACTION_RATE,
        measures.NOT_IN_NEED,
        measures.NOT_IN_NEED_RATE,
        measures.CHILDREN_REFERRED,
        measures.CHILDREN_REREFERRED,
        measures.CHILDREN_REREFERRED_RATE,
    ),
    footnotes=("rereferral", "child_counted_per_authority", "rounding"),
)

A2 = DataSet(
    id="A2",
    title="Children by number of referrals in the year",
    file_name="children_by_number_of_referrals",
    unit="children",
    filters=(measures.NUMBER_OF_REFERRALS,),
    indicators=(measures.CHILDREN, measures.CHILDREN_SHARE),
    footnotes=("child_counted_per_authority", "rounding"),
)

A3 = DataSet(
    id="A3",
    title="Re-referral within 1, 3 and 5 years of an initial referral, by cohort",
    file_name="rereferral_within_1_3_5_years_by_cohort",
    unit="cohorts",
    filters=(measures.FOLLOW_UP,),
    indicators=(measures.COHORT, measures.COHORT_REREFERRED, measures.COHORT_REREFERRED_RATE),
    footnotes=("cohort", "longitudinal", "rounding"),
    longitudinal=True,
)

A5 = DataSet(
    id="A5",
    title="Referrals by source and type of referral",
    file_name="source_of_referral",
    unit="followup",
    filters=(journeys.SOURCE, journeys.TYPE_AT_ONCE),
    indicators=(journeys.REFERRALS, journeys.SOURCE_SHARE),
    footnotes=("source", "referral_types", "longitudinal", "rounding"),
    longitudinal=True,
)

A6 = DataSet(
    id="A6",
    title="Referrals by primary need and type of referral",
    file_name="primary_need",
    unit="followup",
    filters=(journeys.PRIMARY_NEED, journeys.REREFERRAL_TYPE),
    indicators=(journeys.REFERRALS, journeys.NEED_SHARE),
    footnotes=("primary_need", "referral_types", "longitudinal", "rounding"),
    longitudinal=True,
)

DATA_SETS = (A1, A2, A3, A5, A6)
