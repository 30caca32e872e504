"""Data sets on regions and local authorities: referrals, rates by population, and deprivation."""

from rereferrals.datasets.referrals import A1
from rereferrals.measures import referrals
from rereferrals.measures import regional as measures
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL, DataSet

CIN_C1 = DataSet(
    id="cin_c1",
    title="Referrals and re-referrals to children's social care services by local authority",
    file_name="referrals_and_rereferrals",
    unit="referrals",
    indicators=A1.indicators,
    levels=(NATIONAL, REGIONAL, LOCAL_AUTHORITY),
    footnotes=("rereferral", "child_counted_per_authority", "authority_counts", "area_rounding"),
    published_as="c1_children_in_need_referrals_and_rereferrals_{first_year}_to_{last_year}",
    constants={"category": "Referrals and Re-referrals"},
)
F1 = DataSet(
    id="F1",
    title="Referral rate and re-referral percentage by local authority",
    file_name="referral_rate_and_rereferrals",
    unit="referrals",
    indicators=(
        referrals.REFERRALS,
        measures.POPULATION,
        measures.REFERRAL_RATE,
        referrals.REREFERRAL_RATE,
        referrals.NO_FURTHER_ACTION_RATE,
        referrals.NOT_IN_NEED_RATE,
    ),
    levels=(NATIONAL, REGIONAL, LOCAL_AUTHORITY),
    footnotes=("area_population", "rereferral", "authority_counts", "area_rounding"),
)
F1_MOVES = DataSet(
    id="F1b",
    title="Change in the percentage of referrals with no further action, by local authority",
    file_name="change_in_no_further_action",
    unit="",
    made_from=(F1,),
    indicators=(
        referrals.NO_FURTHER_ACTION_RATE,
        measures.NO_FURTHER_ACTION_BEFORE,
        measures.NO_FURTHER_ACTION_CHANGE,
        measures.ABRUPT_CHANGE,
    ),
    levels=(LOCAL_AUTHORITY,),
    footnotes=("abrupt",),
)
F3 = DataSet(
    id="F3",
    title="Referral rate, re-referral percentage and deprivation of local authorities",
    file_name="deprivation_of_local_authorities",
    unit="",
    made_from=(F1,),
    indicators=(
        measures.REFERRAL_RATE, referrals.REREFERRAL_RATE, measures.DEPRIVATION_SCORE, measures.DEPRIVATION_RANK,
    ),
    levels=(LOCAL_AUTHORITY,),
    footnotes=("deprivation", "area_population"),
    latest_only=True,
)  # fmt: skip
F3_ASSOCIATIONS = DataSet(
    id="F3b",
    title="Association of referral rate, re-referral percentage and deprivation",
    file_name="association_with_deprivation",
    unit="",
    made_from=(F1,),
    filters=(measures.ASSOCIATION, measures.COMPARED_BY, measures.AUTHORITIES_COVERED),
    indicators=(
        measures.CORRELATION, measures.CORRELATION_LOWER, measures.CORRELATION_UPPER, measures.AUTHORITIES,
    ),
    footnotes=("deprivation", "smallest_left_out", "correlation", "rate_contains_rereferrals"),
)  # fmt: skip
F3_GROUPS = DataSet(
    id="F3c",
    title="Mean referral rate and re-referral percentage by fifth of deprivation",
    file_name="means_by_deprivation",
    unit="",
    made_from=(F1,),
    filters=(measures.DEPRIVATION_GROUP,),
    indicators=(
        measures.MEAN_RATE, measures.MEAN_RATE_LOWER, measures.MEAN_RATE_UPPER,
        measures.MEAN_REREFERRALS, measures.MEAN_REREFERRALS_LOWER, measures.MEAN_REREFERRALS_UPPER,
        measures.AUTHORITIES,
    ),
    footnotes=("deprivation", "smallest_left_out", "fifth_means"),
)  # fmt: skip
F3_PAIRS = DataSet(
    id="F3d",
    title="Pairs of local authorities at about the same referral rate",
    file_name="pairs_at_the_same_rate",
    unit="",
    made_from=(F1,),
    filters=(measures.RATE_HELD_EQUAL, measures.AUTHORITIES_COVERED),
    indicators=(
        measures.LESS_DEPRIVED_HIGHER, measures.LESS_DEPRIVED_HIGHER_LOWER, measures.LESS_DEPRIVED_HIGHER_UPPER,
        measures.PAIRS, measures.AUTHORITIES,
    ),
    footnotes=("deprivation", "smallest_left_out", "pairs", "rate_contains_rereferrals"),
)  # fmt: skip

DATA_SETS = (CIN_C1, F1, F1_MOVES, F3, F3_ASSOCIATIONS, F3_GROUPS, F3_PAIRS)
