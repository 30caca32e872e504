"""Names and words that are the same in every publication of the department."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rereferrals.screener.checks import fails, warns
from rereferrals.screener.files import Files

ETHNICITY_NAMES = ("ethnicity_major", "ethnicity_minor", "ethnicity_detailed", "minority_ethnic")
#: What a name has in it → the names that such a column may have.
STANDARD_NAMES = {
    "primary_need": ("sen_primary_need",),
    "secondary_need": ("sen_secondary_need",),
    "sen_": ("sen_status", "sen_provision", "sen_primary_need", "sen_secondary_need"),
    "establishment_type": ("establishment_type", "establishment_type_group"),
    "school_type": ("establishment_type", "establishment_type_group"),
    "provider_type": ("provider_type",),
    "ethnic": ETHNICITY_NAMES,
}
ETHNICITY_GROUPS = tuple(name.replace("_", " ").title() for name in ETHNICITY_NAMES)


@fails
def harmonised_variables(files: Files) -> Iterator[str]:
    """Filters and indicators that have a standard name have that name."""
    standard = {name for names in STANDARD_NAMES.values() for name in names}
    for name in dict.fromkeys((*files.filters, *files.groups, *files.indicators)):
        for part, names in STANDARD_NAMES.items():
            if part in name.lower() and name not in standard:
                yield f"the column {name!r} has a standard name: call it {' or '.join(names)}, or by another word"
                break


def _close(group: str) -> str:
    """An ethnic group without blanks around its strokes, as the standard is written too."""
    return group.replace(" / ", "/")


@warns
def harmonised_eth_vals(files: Files) -> Iterator[str]:
    """Ethnic groups are those of the government's standard."""
    standard = {tuple(map(_close, pair)) for pair in files.lookups.ethnicities}
    there = [(place, name) for place, name in enumerate(ETHNICITY_NAMES[:2]) if name in files.data.columns]
    wanted = {tuple(pair[place] for place, _ in there) for pair in standard}
    rows = zip(*(files.data.columns[name] for _, name in there), strict=True)
    for groups in dict.fromkeys(rows):
        if tuple(map(_close, groups)) not in wanted:
            said = " with ".join(f"{name} {group!r}" for (_, name), group in zip(there, groups, strict=True))
            yield f"{said} is not in the government's standard: use its words"


@warns
def harmonised_eth_char_vals(files: Files) -> Iterator[str]:
    """Ethnic groups among characteristics are those of the government's standard."""
    standard = {_close(group) for pair in files.lookups.ethnicities for group in pair}
    columns = (files.data.columns.get(name, ()) for name in ("characteristic_group", "characteristic"))
    for group, item in dict.fromkeys(zip(*columns, strict=False)):
        if "ethnic" in group.lower() and _close(item) not in standard:
            yield f"characteristic {item!r} is not in the government's standard: use its words"


@fails
def harmonised_eth_char_grp(files: Files) -> Iterator[str]:
    """Groups of characteristics about ethnicity are called by the standard's words."""
    words = re.compile("|".join(ETHNICITY_GROUPS))
    for fault in files.data.where(
        ["characteristic_group"], lambda cell: "ethnic" in cell.lower() and not words.search(cell)
    ):
        yield f"{fault}: write {', '.join(ETHNICITY_GROUPS[:-1])} or {ETHNICITY_GROUPS[-1]}"


CHECKS = (harmonised_variables, harmonised_eth_vals, harmonised_eth_char_vals, harmonised_eth_char_grp)
