"""Who is who: one child's records across collection years, and across authorities (M25, M27, M03).

A *child* is an annual key: one LAchildID in one authority. A *person* is a set of children joined by links:

1. Succession. The same LAchildID in an authority and in one that succeeded it. Two successors of one authority that
   hold the same LAchildID meet only through their predecessor. Where several predecessors of an authority hold the
   same LAchildID they numbered their children apart, so only equal birth dates tell whose child it is.
2. UPN. The same UPN, or the FormerUPN of one and the UPN of the other. A UPN that two children of one return hold is
   nobody's, in any year. Any other UPN counts as written, malformed and temporary ones too: a FormerUPN is
   typically a temporary one, and a placeholder is found out by being held twice.

Never LAchildID alone in other authorities, and never children whose birth dates are known and differ. A child's
birth date is that of its latest return that has one. Where the known birth dates of the children that share an
identifier differ, those with equal dates are linked and those without a date are not, since they could be either.
Links are then transitive. None of this depends on the order of rows, files or authorities.

A *local person* is joined by the links inside one authority and its predecessors and successors: what the
longitudinal method counts, because it links records within an authority. A person is one or more local persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from ibis import _
from ibis.expr.types import Table
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from rereferrals import engine, reference
from rereferrals.restricted import PERSONS

Ids = npt.NDArray[np.int64]
CHILD = ["lea", "la_child_id"]
DAYS_OF_ALL_TIME = 10_000_000  # more days than lie between any two dates


def write_persons(folder: Path, years: Sequence[int], memory: str = "4GB") -> None:
    """Write `folder/persons.parquet` from the children of a census store's `years`.

    One row per (lea, la_child_id), in that order: `child_id`, its number from 0; `local_person_id`, the smallest
    child_id of its local person; `person_id`, the smallest of its person. Records without an LAchildID are left out.
    What the engine cannot hold in `memory` it spills to disk.
    """
    paths = [str((folder / str(year) / "children.parquet").resolve()) for year in sorted(years)]
    connection = engine.connect(memory=memory)
    persons = link(connection.read_parquet(paths))
    connection.disconnect()
    pq.write_table(persons, folder / PERSONS, compression="zstd")


def link(children: Table) -> pa.Table:
    """The persons, as `write_persons` stores them, among the child records of any returns."""
    keys = _keys(children).cache()
    held = _upns_held(children, keys).cache()
    local_links = [_edges(_succession_links(keys)), _edges(_upn_links(held, ["family", "upn"]))]
    cross_links = [_edges(_upn_links(held, ["upn"]))]
    persons = keys.select(*CHILD, "child_id").order_by("child_id").to_pyarrow()
    local = _smallest_of_component(len(persons), local_links)
    across = _smallest_of_component(len(persons), local_links + cross_links)
    return persons.append_column("local_person_id", pa.array(local)).append_column("person_id", pa.array(across))


def families() -> dict[str, str]:
    """Authority code → the first code of those it is tied to by succession; other authorities are not listed."""
    codes = sorted({code for pair in _successions() for code in pair})
    number = {code: i for i, code in enumerate(codes)}
    ends = np.array([[number[p], number[s]] for p, s in _successions()], dtype=np.int64).reshape(-1, 2)
    return {code: codes[first] for code, first in zip(codes, _smallest_of_component(len(codes), [ends]), strict=True)}


def _successions() -> list[tuple[str, str]]:
    """Every (predecessor, successor) pair of authority codes."""
    pairs = set()
    for authority in reference.authorities():
        pairs |= {(authority.old_la_code, successor) for successor in authority.successors}
        pairs |= {(predecessor, authority.old_la_code) for predecessor in authority.predecessors}
    return sorted(pairs)


def _keys(children: Table) -> Table:
    """One row per child: its number, its birth date, and the family of authorities it belongs to."""
    born = _.person_birth_date
    latest_return_then_earliest_date = _.collection_year.cast("int64") * DAYS_OF_ALL_TIME - born.epoch_days()
    keys = (
        children.filter(_.la_child_id.notnull())
        .group_by(CHILD)
        .aggregate(birth_date=born.argmax(latest_return_then_earliest_date, where=born.notnull()))
    )
    family = _.lea.cases(*families().items(), else_=_.lea)
    return keys.mutate(child_id=ibis.row_number().over(order_by=CHILD), family=family)


def _upns_held(children: Table, keys: Table) -> Table:
    """One row per child and UPN that it shares: holds, or held before (`is_former`). Nobody's are left out."""
    held = upns(children)
    shared = held.mutate(place=_.lea + _.holder).group_by("upn").having(_.place.min() != _.place.max())
    held = held.semi_join(shared.aggregate(n=_.count()), "upn").cache()
    ours = without_nobodys(held).select(*CHILD, "upn", "is_former").distinct()
    return ours.inner_join(keys, CHILD).select("upn", "is_former", "child_id", "family", "birth_date")


def upns(children: Table) -> Table:
    """One row per record and UPN that it holds, or held before (`is_former`), with its `holder` in the return."""
    unnamed = ibis.literal(" ") + children.child_number.cast("string")  # an id never begins with a space
    holder = children.la_child_id.fill_null(unnamed)
    columns = ["collection_year", *CHILD]
    current = children.select(*columns, "upn", holder=holder, is_former=ibis.literal(False))
    former = children.select(*columns, upn=_.former_upn, holder=holder, is_former=ibis.literal(True))
    return current.union(former).filter((_.upn != "").fill_null(False))


def without_nobodys(held: Table) -> Table:
    """UPNs held, but for those that two children of one return hold."""
    within_return = held.group_by(["collection_year", "lea", "upn", "is_former"])
    nobodys = within_return.having(_.holder.min() != _.holder.max()).aggregate(n=_.count())
    return held.anti_join(nobodys, ["upn", "is_former"])


def _upn_links(held: Table, identifier: list[str]) -> Table:
    """Every child that shares a UPN, and the first that holds it; those that only held it before need such a one."""
    first_holder = _.child_id.min(where=~_.is_former)
    linked = _agreeing(held, identifier).group_by([*identifier, "agreed_birth_date"]).mutate(other_id=first_holder)
    return linked.filter(_.other_id.notnull()).select("child_id", "other_id")


def _succession_links(keys: Table) -> Table:
    """Every child of an authority with a predecessor, and the child of that predecessor that has its LAchildID."""
    successions = ibis.memtable(_successions(), schema={"lea": "string", "successor": "string"})
    involved = _agreeing(keys.filter(_.lea.isin(list(families()))), ["family", "la_child_id"])
    before = involved.inner_join(successions, "lea").drop("lea").rename(lea="successor", other_id="child_id")
    links = involved.inner_join(
        before.select(*CHILD, "other_id", "agreed_birth_date", other_birth_date=_.birth_date),
        [*CHILD, "agreed_birth_date"],
    )
    candidates = links.group_by("child_id").mutate(predecessors=_.count())
    decided = (_.predecessors == 1) | (_.birth_date == _.other_birth_date).fill_null(False)
    return candidates.filter(decided).select("child_id", "other_id")


def _agreeing(holders: Table, identifier: list[str]) -> Table:
    """The holders of each identifier with `agreed_birth_date`, equal for those of one birth date.

    It is the only known date, if there is one, for holders without a date; if there are several, these are left out.
    """
    dated = holders.group_by(identifier).mutate(first=_.birth_date.min(), last=_.birth_date.max())
    one_date = (_.first == _.last).fill_null(True)
    return dated.filter(one_date | _.birth_date.notnull()).mutate(
        agreed_birth_date=ibis.ifelse(one_date, _.first, _.birth_date).fill_null(ibis.date(1, 1, 1))
    )


def _edges(links: Table) -> Ids:
    """Links as pairs of child numbers."""
    return np.column_stack([column.to_numpy() for column in links.to_pyarrow().columns])


def _smallest_of_component(size: int, edges: Sequence[Ids]) -> Ids:
    """For each node 0 … size-1 of a graph, the smallest node that it is connected with."""
    ends = np.concatenate([np.empty((0, 2), np.int64), *edges])
    graph = coo_array((np.ones(len(ends), dtype=np.bool_), (ends[:, 0], ends[:, 1])), shape=(size, size))
    count, component = connected_components(graph, directed=False)
    smallest = np.full(count, size, dtype=np.int64)
    np.minimum.at(smallest, component, np.arange(size))
    of_each: Ids = smallest[component]
    return of_each
