"""What the front page says: key statistics, and headlines that the chapters bear out."""

from rereferrals.commentary import characteristics, durations, ofsted, regional, survival
from rereferrals.commentary import referrals as chapter
from rereferrals.datasets.regional import CIN_C1
from rereferrals.measures.referrals import CHILDREN_REFERRED, CHILDREN_REREFERRED_RATE, REFERRALS, REREFERRAL_RATE
from rereferrals.model import Claim, Indicator, Tile


def _change(indicator: Indicator, unit: str = "") -> Claim:
    """How a figure stands to that of the year before, both as published."""
    return Claim(
        f"{{change:compared}} {{previous:,}}{unit} in {{previous.year}}",
        change=CIN_C1.cell(indicator) - CIN_C1.cell(indicator, year=-1),
        previous=CIN_C1.cell(indicator, year=-1),
    )


TILES = (
    Tile(
        label="Referrals",
        value=Claim("{referrals:,}", referrals=CIN_C1.cell(REFERRALS)),
        change=_change(REFERRALS),
        explanation=Claim(
            "Referrals to children's social care in the year ending 31 March {year}. A referral is a request for "
            "services for a child, and a child can be referred more than once."
        ),
    ),
    Tile(
        label="Re-referral rate",
        value=Claim("{rate}%", rate=CIN_C1.cell(REREFERRAL_RATE)),
        change=_change(REREFERRAL_RATE, "%"),
        explanation=Claim(
            "The percentage of referrals in the year ending 31 March {year} that came within 12 months of a previous "
            "referral of the same child to the same local authority."
        ),
    ),
    Tile(
        label="Children referred",
        value=Claim("{children:,}", children=CIN_C1.cell(CHILDREN_REFERRED)),
        change=_change(CHILDREN_REFERRED),
        explanation=Claim(
            "Children with a referral in the year ending 31 March {year}. A child referred in two local authorities is "
            "counted in each."
        ),
    ),
    Tile(
        label="Children re-referred",
        value=Claim("{rate}%", rate=CIN_C1.cell(CHILDREN_REREFERRED_RATE)),
        change=_change(CHILDREN_REREFERRED_RATE, "%"),
        explanation=Claim(
            "The percentage of children referred in the year ending 31 March {year} with a re-referral: a referral "
            "within 12 months of a previous one."
        ),
    ),
)

BULLETS = (
    chapter.REFERRALS_IN_YEAR,
    chapter.REFERRALS_OVER_TIME,
    chapter.CHILDREN_IN_YEAR,
    chapter.REPEAT_REFERRALS,
    chapter.COHORT_OVER_TIME,
    chapter.SOURCES_LARGEST,
    chapter.NEED_LARGEST,
    durations.EPISODES_BY_DURATION,
    characteristics.MEALS,
    characteristics.NEEDS,
    regional.REGIONS_IN_YEAR,
    regional.RATE_AND_DEPRIVATION,
    ofsted.INADEQUATE_AFTER,
    survival.HOW_LIKELY,
)
CAVEAT = chapter.PANDEMIC
