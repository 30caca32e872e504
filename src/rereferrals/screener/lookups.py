"""What codes, names and words are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from rereferrals import reference
from rereferrals.release import REFERENCE

#: Where the project's own come from.
FILES = tuple(
    REFERENCE / name
    for name in (
        "codes/country.csv", "codes/region.csv", "local_authorities.csv", "other_authority_codes.csv",
        "data_dictionary.csv", "standard_ethnicities.csv", "codes/c3_column.csv",
    )
)  # fmt: skip
#: A code, or several, and a name, as they stand side by side in a data file.
Place = tuple[str, ...]


@dataclass(frozen=True)
class Lookups:
    """The lists that checks compare with.

    `places` has, by geographic level, every code and name that belong together; a level that it lacks is one that the
    project does not publish. `dictionary` has, by type and column, the items that the platform's data dictionary
    knows. `ethnicities` are the pairs of major and minor group of the government's standard. `published_names` are
    columns that the platform has published as they are, and that keep their names.
    """

    places: Mapping[str, frozenset[Place]]
    dictionary: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    ethnicities: frozenset[tuple[str, str]] = frozenset()
    published_names: frozenset[str] = frozenset()


@cache
def known() -> Lookups:
    """What the reference data of this project know."""
    return Lookups(
        places={
            "National": frozenset((code.code, code.label) for code in reference.code_set("country")),
            "Regional": frozenset((region.code, region.name) for region in reference.regions()),
            "Local authority": reference.other_authority_codes().union(
                (a.old_la_code, a.new_la_code, a.la_name) for a in reference.authorities()
            ),
        },
        dictionary=reference.data_dictionary(),
        ethnicities=reference.standard_ethnicities(),
        published_names=frozenset(code.label for code in reference.code_set("c3_column")),
    )
