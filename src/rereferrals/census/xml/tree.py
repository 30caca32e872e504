"""Where each table and column of the schema sits in the XML of a return."""

from __future__ import annotations

from rereferrals.census.schema import CHILDREN, RETURNS, TABLES, Column, Table

ROOT = "Message"
MAX_DEPTH = 20

LEA = Column("lea", "LEA", "text", "The authority that made the return", required=True)
LA_CHILD_ID = Column("la_child_id", "LAchildID", "text", "The authority's own identifier of the child", required=True)

ROOTS = {RETURNS.name: (ROOT, "Header"), CHILDREN.name: (ROOT, "Children", "Child")}

WITHIN: dict[str, tuple[str, ...]] = {
    "Collection": ("CollectionDetails",),
    "Year": ("CollectionDetails",),
    "ReferenceDate": ("CollectionDetails",),
    "SourceLevel": ("Source",),
    "LEA": ("Source",),
    "SoftwareCode": ("Source",),
    "Release": ("Source",),
    "SerialNo": ("Source",),
    "DateTime": ("Source",),
    "LAchildID": ("ChildIdentifiers",),
    "UPN": ("ChildIdentifiers",),
    "FormerUPN": ("ChildIdentifiers",),
    "UPNunknown": ("ChildIdentifiers",),
    "PersonBirthDate": ("ChildIdentifiers",),
    "ExpectedPersonBirthDate": ("ChildIdentifiers",),
    "GenderCurrent": ("ChildIdentifiers",),
    "Sex": ("ChildIdentifiers",),
    "PersonDeathDate": ("ChildIdentifiers",),
    "Ethnicity": ("ChildCharacteristics",),
    "Disability": ("ChildCharacteristics", "Disabilities"),
    "AssessmentFactors": ("FactorsIdentifiedAtAssessment",),
    "CPPreviewDate": ("Reviews",),
}
"""The elements between an element and the row that it belongs to, where there are any."""

BEFORE = {"ReferralNFA": "ChildProtectionPlans"}
"""An element that stands after tables, and the table that it stands before."""


def row_path(table: Table) -> tuple[str, ...]:
    """The path, from the root, of the element that makes a row of the table."""
    if table.parent is None:
        return ROOTS[table.name]
    return (*row_path(table.parent), *WITHIN.get(table.element, ()), table.element)


def column_path(table: Table, column: Column) -> tuple[str, ...]:
    """The path, from the root, of the element that holds a column's value."""
    if holds_value(table):
        return row_path(table)
    return (*row_path(table), *WITHIN.get(column.element, ()), column.element)


def holds_value(table: Table) -> bool:
    """Whether the element that makes a row is also the one that holds its only value, as in a list of codes."""
    return len(table.columns) == 1 and table.columns[0].element == table.element


def columns(table: Table) -> tuple[Column, ...]:
    """The columns of a table that are read from elements of their own: all but those that number its rows."""
    if table is RETURNS:
        return (LEA, *table.columns)
    if table is CHILDREN:
        return (LA_CHILD_ID, *table.columns)
    return table.columns


def parts(table: Table) -> tuple[Column | Table, ...]:
    """What an element that makes a row holds, in the order of the census schema: its columns, and tables within it."""
    inner = tuple(other for other in TABLES if other.parent is table)
    ordered: list[Column | Table] = [*columns(table), *inner]
    for late, following in BEFORE.items():
        places = {part.element: part for part in ordered}
        if late in places and following in places:
            ordered.remove(places[late])
            ordered.insert(ordered.index(places[following]), places[late])
    return tuple(ordered)


def numbers(table: Table) -> tuple[str, ...]:
    """The key columns that count rows within a child: `referral_number`, `assessment_number` and so on."""
    above = numbers(table.parent) if table.parent is not None else ()
    return (*above, *(name for name in table.own_key if name not in CHILDREN.own_key))


def depth(table: Table) -> int:
    """How many tables are above this one."""
    return 0 if table.parent is None else 1 + depth(table.parent)


GROUPS = {table.element: table for table in TABLES if table is not RETURNS}
"""Element name → the table whose rows it makes."""
