"""Which data sets each section of the release publishes."""

from rereferrals.datasets import referrals
from rereferrals.model import DataSet

#: Section → its data sets, in the order of the release.
SECTIONS: dict[str, tuple[DataSet, ...]] = {"referrals": referrals.DATA_SETS}

ALL: tuple[DataSet, ...] = tuple(data_set for section in SECTIONS.values() for data_set in section)
