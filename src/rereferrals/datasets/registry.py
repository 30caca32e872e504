"""Which data sets each section of the release publishes."""

from collections.abc import Collection

from rereferrals.datasets import (
    characteristics,
    child_protection,
    durations,
    factors,
    journeys,
    ofsted,
    referrals,
    regional,
    survival,
)
from rereferrals.model import DataSet

#: Section → its data sets, in the order of the release.
SECTIONS: dict[str, tuple[DataSet, ...]] = {
    "referrals": referrals.DATA_SETS,
    "durations": durations.DATA_SETS,
    "characteristics": characteristics.DATA_SETS,
    "factors": factors.DATA_SETS,
    "journeys": journeys.DATA_SETS,
    "regional": regional.DATA_SETS,
    "ofsted": ofsted.DATA_SETS,
    "survival": survival.DATA_SETS,
    "child_protection": child_protection.DATA_SETS,
}

#: The sections on areas, which can be made from published figures alone.
AREA_SECTIONS = ("regional", "ofsted")

ALL: tuple[DataSet, ...] = tuple(data_set for section in SECTIONS.values() for data_set in section)


def data_sets_of(sections: Collection[str]) -> list[DataSet]:
    """The data sets of a release with these sections, in its order."""
    return [data_set for section in SECTIONS if section in sections for data_set in SECTIONS[section]]


def module_of(data_set: DataSet) -> str:
    """The name of the module that declares a data set."""
    section = next(name for name, data_sets in SECTIONS.items() if data_set in data_sets)
    return f"rereferrals.datasets.{section}"
