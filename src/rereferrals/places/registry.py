"""Which function makes each data set that follows from published ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rereferrals.datasets.ofsted import F2, G1, G1_CHANGES
from rereferrals.datasets.regional import F1_MOVES, F3, F3_ASSOCIATIONS, F3_GROUPS, F3_PAIRS
from rereferrals.places import deprivation, inspections, no_further_action
from rereferrals.places.cells import Tables
from rereferrals.published import PublishedTable
from rereferrals.release import Release

#: Data set id → what makes it, given the tables that it is made from by their ids, and the release.
MAKERS: Mapping[str, Callable[[Tables, Release], PublishedTable]] = {
    F1_MOVES.id: no_further_action.changes,
    F3.id: deprivation.of_authorities,
    F3_ASSOCIATIONS.id: deprivation.associations,
    F3_GROUPS.id: deprivation.groups,
    F3_PAIRS.id: deprivation.pairs,
    F2.id: inspections.around_judgements,
    G1.id: inspections.around_inspections,
    G1_CHANGES.id: inspections.changes,
}
