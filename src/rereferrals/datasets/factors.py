"""Data sets on factors identified at the end of assessment."""

from rereferrals.measures import factors as measures
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL, DataSet

D1 = DataSet(
    id="D1",
    title="Factors identified at the end of assessment, by type of referral",
    file_name="assessment_factors_by_referral_type",
    unit="followup",
    filters=(measures.FACTOR, measures.THREE_TYPES),
    indicators=(measures.REFERRALS_WITH_FACTOR, measures.CASE_SHARE),
    footnotes=("factors", "referral_types", "longitudinal", "rounding"),
    longitudinal=True,
    years_behind=1,
)
D2 = DataSet(
    id="D2",
    title="Re-referral rate of referrals with each factor",
    file_name="rereferral_rate_by_assessment_factor",
    unit="followup",
    filters=(measures.FACTOR,),
    indicators=(measures.REREFERRAL_RATE, measures.REREFERRALS_WITH_FACTOR, measures.ALL_WITH_FACTOR),
    footnotes=("factors", "longitudinal", "rounding"),
    longitudinal=True,
    years_behind=1,
)
D3 = DataSet(
    id="D3",
    title="Referrals with any factor recorded, by type of referral",
    file_name="assessment_factors_recorded",
    unit="followup",
    filters=(measures.FIVE_TYPES,),
    indicators=(measures.REFERRALS, measures.RECORDED, measures.RECORDED_RATE),
    footnotes=("factors", "referral_types", "longitudinal", "rounding"),
    longitudinal=True,
    years_behind=1,
)
CIN_C3 = DataSet(
    id="cin_c3",
    title="Episodes with each factor identified at the end of assessment",
    file_name="factors_identified_at_end_of_assessment",
    unit="assessed",
    indicators=(measures.EPISODES_WITH_FACTOR, *measures.EPISODES_BY_FACTOR),
    levels=(NATIONAL, REGIONAL, LOCAL_AUTHORITY),
    footnotes=("annual_factors", "authority_counts", "area_rounding"),
    since=measures.C3_SINCE,
    published_as="c3_factors_identified_at_end_of_assessment_{first_year}_to_{last_year}",
    constants={"category": "Factors identified at the end of assessment"},
)

DATA_SETS = (D1, D2, D3, CIN_C3)
