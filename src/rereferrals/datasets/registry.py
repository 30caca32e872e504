"""Which data sets each section of the release publishes."""

from rereferrals.datasets import characteristics, child_protection, durations, factors, journeys, referrals
from rereferrals.model import DataSet

#: Section → its data sets, in the order of the release.
SECTIONS: dict[str, tuple[DataSet, ...]] = {
    "referrals": referrals.DATA_SETS,
    "durations": durations.DATA_SETS,
    "characteristics": characteristics.DATA_SETS,
    "factors": factors.DATA_SETS,
    "journeys": journeys.DATA_SETS,
    "child_protection": child_protection.DATA_SETS,
}

ALL: tuple[DataSet, ...] = tuple(data_set for section in SECTIONS.values() for data_set in section)
