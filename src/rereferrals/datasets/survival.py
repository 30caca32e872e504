"""Data sets on the time from closure to the next referral, and on what goes with an earlier return."""

from rereferrals.measures import survival as measures
from rereferrals.model import DataSet
from rereferrals.release import YEARS_FOLLOWED

SETTINGS = ("survival_followed", "survival_closures")
H1 = DataSet(
    id="H1",
    title="Probability of re-referral by time since closure",
    file_name="probability_of_rereferral_by_time_since_closure",
    unit="closures",
    estimated=True,
    filters=(measures.BREAKDOWN, measures.SINCE_CLOSURE),
    indicators=(
        measures.CLOSED, measures.AT_RISK, measures.BY_THEN, measures.PROBABILITY, measures.LOWER, measures.UPPER,
        measures.BAND_LOWER, measures.BAND_UPPER, measures.BEFORE_ADULT, measures.ADULT,
    ),
    footnotes=(*SETTINGS, "survival_estimate", "survival_interval", "survival_rounding"),
    longitudinal=True,
    latest_only=True,
)  # fmt: skip
H1_SUMMARY = DataSet(
    id="H1b",
    title="Re-referral within 12 months and six years of closure",
    file_name="rereferral_within_12_months_and_six_years",
    unit="closures",
    estimated=True,
    filters=(measures.BREAKDOWN,),
    indicators=(
        measures.CLOSED, measures.REREFERRED, measures.REREFERRED_RATE,
        measures.YEAR_PROBABILITY, measures.YEAR_LOWER, measures.YEAR_UPPER,
        measures.FULL_PROBABILITY, measures.FULL_LOWER, measures.FULL_UPPER,
        measures.YEAR_BEFORE_ADULT, measures.FULL_BEFORE_ADULT,
        measures.MEAN_DAYS, measures.MEAN_LOWER, measures.MEAN_UPPER,
    ),
    footnotes=(*SETTINGS, "survival_estimate", "survival_interval", "survival_rounding"),
    longitudinal=True,
    years_followed=YEARS_FOLLOWED,
)  # fmt: skip
H1_RULES = DataSet(
    id="H1c",
    title="Probability of re-referral by how closed cases are followed",
    file_name="probability_of_rereferral_by_rule",
    unit="closures",
    estimated=True,
    filters=(measures.RULE,),
    indicators=(
        measures.CLOSED, measures.REREFERRED, measures.YEAR_PROBABILITY, measures.FULL_PROBABILITY,
    ),
    footnotes=(*SETTINGS, "survival_rules", "survival_rounding"),
    longitudinal=True,
    latest_only=True,
)  # fmt: skip
H2 = DataSet(
    id="H2",
    title="What goes with an earlier re-referral",
    file_name="hazard_ratios_of_rereferral",
    unit="closures",
    estimated=True,
    filters=(measures.PREDICTOR,),
    indicators=(
        measures.CLOSED, measures.REREFERRED,
        measures.HAZARD_RATIO, measures.RATIO_LOWER, measures.RATIO_UPPER,
        measures.FIRST_YEAR_RATIO, measures.LATER_RATIO, measures.PROPORTIONAL_P,
    ),
    footnotes=(*SETTINGS, "hazard_ratio", "hazard_ratio_interval", "proportional_hazards"),
    longitudinal=True,
    latest_only=True,
)  # fmt: skip
H2_HELD_OUT = DataSet(
    id="H2b",
    title="How well the model foretells re-referrals of a later year",
    file_name="predicted_and_observed_rereferrals",
    unit="closures",
    estimated=True,
    filters=(measures.RISK,),
    indicators=(
        measures.HELD_OUT, measures.HELD_OUT_REREFERRED, measures.PREDICTED, measures.OBSERVED,
        measures.OBSERVED_LOWER, measures.OBSERVED_UPPER, measures.CONCORDANCE,
    ),
    footnotes=(*SETTINGS, "held_out", "concordance", "survival_rounding"),
    longitudinal=True,
    years_behind=1,
    latest_only=True,
)  # fmt: skip

DATA_SETS = (H1, H1_SUMMARY, H1_RULES, H2, H2_HELD_OUT)
