"""What the chapter on the duration of episodes of need says and draws."""

from rereferrals.chart_model import Cells, Chart
from rereferrals.commentary.wording import a_further, higher_than, lower_than
from rereferrals.datasets.durations import A4, A4_LEFT_OUT
from rereferrals.measures.durations import (
    BANDS,
    DURATION,
    DURATION_SHARE,
    EPISODES,
    EPISODES_ENDED,
    FOLLOWING,
    LEFT_OUT,
)
from rereferrals.measures.journeys import INITIAL, REREFERRAL, TOTAL
from rereferrals.model import Claim, Derived, percentage

SHORT, _, HALF_YEAR, YEAR, LONG = BANDS
BAND_NAMES = dict(
    zip(
        BANDS,
        ("3 months or less", "3 to 6 months", "6 months to 1 year", "1 to 2 years", "2 years or more"),
        strict=True,
    )
)


def middle_of(referral_type: str) -> Derived:
    """The percentage of episodes that lasted from six months to two years, after a referral of this type."""
    half_year, year = (A4.cell(EPISODES, reflencat=band, re_referral=referral_type) for band in (HALF_YEAR, YEAR))
    return percentage(half_year + year, of=A4.cell(EPISODES, re_referral=referral_type))


EPISODES_BY_DURATION = Claim(
    "Of the {episodes:,} episodes of need that ended in the year ending 31 March {episodes.year}, {short:.0f}% lasted "
    "three months or less. At the other end, {long:.0f}% lasted two years or more.",
    episodes=A4.cell(EPISODES),
    short=A4.cell(DURATION_SHARE, reflencat=SHORT),
    long=A4.cell(DURATION_SHARE, reflencat=LONG),
    true_if=a_further("short", "long"),
)
SHORT_BY_TYPE = Claim(
    "Episodes that follow a re-referral are less often short. In the year ending 31 March {rereferral.year}, "
    "{rereferral:.0f}% of them lasted three months or less, compared with {initial:.0f}% of episodes that follow an "
    "initial referral.",
    rereferral=A4.cell(DURATION_SHARE, reflencat=SHORT, re_referral=REREFERRAL),
    initial=A4.cell(DURATION_SHARE, reflencat=SHORT, re_referral=INITIAL),
    true_if=lower_than("rereferral", "initial"),
)
MIDDLE_BY_TYPE = Claim(
    "More of them lasted between six months and two years: {rereferral:.0f}%, compared with {initial:.0f}% after an "
    "initial referral.",
    rereferral=middle_of(REREFERRAL),
    initial=middle_of(INITIAL),
    true_if=higher_than("rereferral", "initial"),
)
LEFT_OUT_OF_DURATIONS = Claim(
    "Of the {ended:,} episodes that ended in the year ending 31 March {ended.year}, {left_out:,} are left out of the "
    "figures above.",
    ended=A4_LEFT_OUT.cell(EPISODES_ENDED),
    left_out=A4_LEFT_OUT.cell(LEFT_OUT),
)

DURATION_CHART = Chart(
    name="duration_of_episodes",
    mark="stack",
    shows=Cells(
        A4,
        DURATION_SHARE,
        rows=FOLLOWING,
        columns=DURATION,
        row_names={TOTAL: "All episodes", INITIAL: "Initial referrals", REREFERRAL: "Re-referrals"},
        column_names=BAND_NAMES,
    ),
    category_title="Referral that began the episode",
    value_title="Percentage of episodes that ended in the year",
    title=Claim(
        "Episodes that follow a re-referral are less often over within three months",
        rereferral=A4.cell(DURATION_SHARE, reflencat=SHORT, re_referral=REREFERRAL),
        initial=A4.cell(DURATION_SHARE, reflencat=SHORT, re_referral=INITIAL),
        true_if=lower_than("rereferral", "initial"),
    ),
    subtitle=Claim(
        "Percentage of episodes of need that ended in the year, by how long they lasted and the type of referral that "
        "began them, England, year ending 31 March {episodes.year}",
        episodes=A4.cell(EPISODES),
    ),
    alt=Claim(
        "Stacked bar chart: in {rereferral.year}, {rereferral}% of episodes that follow a re-referral lasted three "
        "months or less, compared with {initial}% of those that follow an initial referral; {long}% of all episodes "
        "lasted two years or more.",
        rereferral=A4.cell(DURATION_SHARE, reflencat=SHORT, re_referral=REREFERRAL),
        initial=A4.cell(DURATION_SHARE, reflencat=SHORT, re_referral=INITIAL),
        long=A4.cell(DURATION_SHARE, reflencat=LONG),
    ),
)

CHARTS = (DURATION_CHART,)
