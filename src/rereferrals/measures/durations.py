"""Measures of episodes of need (M08, M09)."""

import ibis
from ibis import _

from rereferrals.measures.journeys import INITIAL, REREFERRAL, TOTAL
from rereferrals.model import Count, Definition, Filter, Rate, Share
from rereferrals.reference import code_set

IN_DURATIONS = ~_.is_overlapping & ~_.has_impossible_dates

BANDS = tuple(code.label for code in code_set("duration_band"))
DURATION = Filter(
    "reflencat",
    "Duration of the episode",
    BANDS,
    value=ibis.cases(*((_.band == place, label) for place, label in enumerate(BANDS))),
)
FOLLOWING = Filter(
    "re_referral",
    "Referral that began the episode",
    (INITIAL, REREFERRAL),
    total=TOTAL,
    value=_.is_rereferral.ifelse(REREFERRAL, INITIAL),
)
EPISODES = Count("referrals", "Number of episodes of need ending in the year", where=IN_DURATIONS)
DURATION_SHARE = Share(
    "referrals_percent", "Percentage of episodes of need ending in the year", of=EPISODES, within=DURATION
)

EPISODES_ENDED = Count("episode_count", "Number of episodes of need ending in the year")
OVERLAPPING = Count(
    "overlapping_episode_count",
    "Number of those that began within an earlier episode of the child",
    where=_.is_overlapping & ~_.has_impossible_dates,
)
IMPOSSIBLE = Count(
    "impossible_episode_count", "Number of those that ended before they began", where=_.has_impossible_dates
)
LEFT_OUT = Count("left_out_episode_count", "Number of those left out of durations", where=~IN_DURATIONS)
LEFT_OUT_RATE = Rate(
    "left_out_episode_percent",
    "Percentage of episodes left out of durations",
    numerator=LEFT_OUT,
    denominator=EPISODES_ENDED,
)

DEFINITIONS = (
    Definition(
        "Episode of need",
        "The time from referral to closure, for referrals that were neither left without further action nor closed as "
        "not in need.",
        "An episode that began within an earlier one of the same child, or ended before it began, cannot be right; "
        "such episodes are counted, and left out of durations.",
        ("M08",),
        also=("episodes of need",),
    ),
    Definition(
        "Duration of an episode",
        "How long an episode of need lasted, in calendar months.",
        "An episode from 15 January to 15 April lasted 3 months. Durations are of episodes that ended in the year.",
        ("M09",),
        also=("durations",),
    ),
)
