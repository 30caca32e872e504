"""Whose the rows of inputs are: looked-after episodes by person, the pupil census by UPN."""

from __future__ import annotations

from ibis import _
from ibis.expr.types import Table

from rereferrals.census.linkage import CHILD, upns, without_nobodys


def with_local_person(looked_after: Table, children: Table, persons: Table) -> Table:
    """Looked-after episodes with `local_person_id`; those of nobody in the census are left out.

    An episode is of the child that has its LAchildID in its authority. Where no return of the authority has that, it
    is of all local persons that hold its UPN, or held it before, as `linkage` tells; not if two children of one return
    hold the UPN, or if those that hold it have different birth dates, since it could then be either's.
    `children` are the child records of all returns, `persons` as the store has them.
    """
    known = persons.select(*CHILD, "local_person_id")
    own = looked_after.inner_join(known, CHILD)
    others = looked_after.anti_join(known, CHILD).filter(_.upn.notnull())
    by_upn = others.inner_join(_holders(others, children, known), "upn")
    columns = [*looked_after.columns, "local_person_id"]
    return own.select(columns).union(by_upn.select(columns))


def of_census(pupils: Table, children: Table) -> Table:
    """Records of the pupil census for the UPNs that a child of a return of the same year holds (M15).

    It comes before anything else that is asked of `pupils`, which are all of England's.
    """
    return pupils.semi_join(children.filter(_.upn.notnull()), ["collection_year", "upn"])


def _holders(episodes: Table, children: Table, known: Table) -> Table:
    """One row per UPN of these episodes and local person that holds it."""
    held = without_nobodys(upns(children).semi_join(episodes, "upn")).select(*CHILD, "upn").distinct()
    births = held.left_join(_birth_dates(children.semi_join(held, CHILD)), CHILD).group_by("upn")
    agreed = births.having((_.birth_date.min() == _.birth_date.max()).fill_null(True)).aggregate(n=_.count())
    return held.semi_join(agreed, "upn").inner_join(known, CHILD).select("upn", "local_person_id").distinct()


def _birth_dates(children: Table) -> Table:
    """Each child's birth date: that of its latest return that has one, the earliest if it has several."""
    dated = children.filter(_.person_birth_date.notnull())
    latest = dated.group_by(CHILD).mutate(latest=_.collection_year.max()).filter(_.collection_year == _.latest)
    return latest.group_by(CHILD).aggregate(birth_date=_.person_birth_date.min())
