"""Data sets on the duration of episodes of need."""

from rereferrals.measures import durations as measures
from rereferrals.model import DataSet

A4 = DataSet(
    id="A4",
    title="Duration of episodes of need, by type of referral",
    file_name="duration_of_episodes",
    unit="episodes",
    filters=(measures.DURATION, measures.FOLLOWING),
    indicators=(measures.EPISODES, measures.DURATION_SHARE),
    footnotes=("episode", "longitudinal", "rounding"),
    longitudinal=True,
    years_behind=1,
)
A4_LEFT_OUT = DataSet(
    id="A4b",
    title="Episodes of need left out of durations",
    file_name="episodes_left_out_of_durations",
    unit="episodes",
    indicators=(
        measures.EPISODES_ENDED,
        measures.OVERLAPPING,
        measures.IMPOSSIBLE,
        measures.LEFT_OUT,
        measures.LEFT_OUT_RATE,
    ),
    footnotes=("episode", "longitudinal", "rounding"),
    longitudinal=True,
    years_behind=1,
)

DATA_SETS = (A4, A4_LEFT_OUT)
