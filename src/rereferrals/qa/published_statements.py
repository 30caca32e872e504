"""Statements of the published release on places, as claims, to see whether they are true of a release's figures."""

from rereferrals.chart_model import AreaSeries
from rereferrals.commentary.wording import last_area, leading_areas
from rereferrals.datasets.regional import F1
from rereferrals.measures.referrals import REREFERRAL_RATE
from rereferrals.measures.regional import REFERRAL_RATE
from rereferrals.model import Claim

HIGHEST_REREFERRALS = Claim(
    "The South East and the East Midlands have the highest percentages of re-referrals, and London the lowest.",
    regions=AreaSeries(F1, REREFERRAL_RATE),
    true_if=(leading_areas("regions", "South East", "East Midlands"), last_area("regions", "London")),
)
HIGHEST_REFERRAL_RATES = Claim(
    "The North East and the South East have the highest referral rates, and the East of England the lowest.",
    regions=AreaSeries(F1, REFERRAL_RATE),
    true_if=(leading_areas("regions", "North East", "South East"), last_area("regions", "East of England")),
)
