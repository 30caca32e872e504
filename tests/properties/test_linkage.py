"""Linkage against its rules written out in plain Python, one pair of children at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import combinations

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rereferrals import engine, reference
from rereferrals.census import linkage, schema

AUTHORITIES = ["301", "302", "835", "836", "837", "838", "839", "909", "942"]
UPNS = st.sampled_from([None, *"ABCDE"])
CHILD_IDS = ["1", "2", "3", "4"]

few = settings(max_examples=25, deadline=None)  # an example compiles half a dozen queries


@st.composite
def children(draw):
    """Child records in which the same ids, UPNs and birth dates meet often."""
    records = draw(
        st.lists(
            st.fixed_dictionaries({
                "lea": st.sampled_from(AUTHORITIES),
                "collection_year": st.sampled_from([2019, 2020]),
                "la_child_id": st.sampled_from([*CHILD_IDS, None]),
                "upn": UPNS,
                "former_upn": UPNS,
                "person_birth_date": st.sampled_from([None, date(2010, 1, 1), date(2011, 1, 1)]),
            }),
            max_size=20,
        )
    )  # fmt: skip
    seen = Counter()
    for record in records:
        place = record["lea"], record["collection_year"], record["la_child_id"]
        seen[place] += 1
        record["child_number"] = seen[place]
    return records


@pytest.fixture(scope="module")
def connection():
    return engine.connect(threads=1)


def linked(connection, records):
    """The local persons and the persons, as `linkage` has them."""
    arrow = ibis.schema(schema.CHILDREN.types()).to_pyarrow()
    table = connection.create_table("children", pa.Table.from_pylist(records, schema=arrow), overwrite=True)
    rows = linkage.link(table).to_pylist()
    return groups(rows, "local_person_id"), groups(rows, "person_id")


def groups(rows, column):
    members = defaultdict(set)
    for row in rows:
        members[row[column]].add((row["lea"], row["la_child_id"]))
    return {frozenset(group) for group in members.values()}


def oracle(records):
    """The local persons and the persons, by the rules as they are written, with no thought for speed."""
    keys = {(r["lea"], r["la_child_id"]) for r in records if r["la_child_id"]}
    born = {key: birth_date(key, records) for key in keys}
    family = families()
    place = {lea: min(others) for lea, others in family.items()}
    pairs = list(combinations(sorted(keys), 2))
    inside = [p for p in pairs if place[p[0][0]] == place[p[1][0]]]
    local = [p for p in inside if succeeds(*p, keys, born, family) or share_upn(*p, inside_of(p, records, place), born)]
    return join(keys, local), join(keys, local + [p for p in pairs if share_upn(*p, records, born)])


def families():
    """Every authority's set of authorities tied by succession."""
    family = {lea: {lea} for lea in AUTHORITIES}
    for a in reference.authorities():
        for tied in (*a.predecessors, *a.successors):
            if a.old_la_code in family and tied in family and family[tied] is not family[a.old_la_code]:
                family[tied] |= family[a.old_la_code]
                for lea in family[tied]:
                    family[lea] = family[tied]
    return family


def predecessors(lea):
    return {a.old_la_code for a in reference.authorities() if lea in a.successors}


def birth_date(key, records):
    known = [r for r in records if (r["lea"], r["la_child_id"]) == key and r["person_birth_date"]]
    latest = max((r["collection_year"] for r in known), default=None)
    return min((r["person_birth_date"] for r in known if r["collection_year"] == latest), default=None)


def agree(a, b, sharing, born):
    """Whether birth dates let two children be one, among all those who share the identifier."""
    if len({born[key] for key in sharing} - {None}) > 1:
        return born[a] is not None and born[a] == born[b]
    return True


def succeeds(a, b, keys, born, family):
    if a[1] != b[1]:
        return False
    if a[0] in predecessors(b[0]):
        a, b = b, a
    if b[0] not in predecessors(a[0]):
        return False
    sharing = {key for key in keys if key[1] == a[1] and key[0] in family[a[0]]}
    if not agree(a, b, sharing, born):
        return False
    claims = [k for k in sharing if k[0] in predecessors(a[0]) and agree(a, k, sharing, born)]
    return len(claims) == 1 or (born[a] is not None and born[a] == born[b])


def inside_of(pair, records, place):
    """The records of the pair's places; a UPN held twice elsewhere is still nobody's, so those stay as witnesses."""
    return [r | {"elsewhere": place[r["lea"]] != place[pair[0][0]]} for r in records]


def share_upn(a, b, records, born):
    return any(linked_by(upn, a, b, records, born) for upn in {r["upn"] for r in records} - {None})


def linked_by(upn, a, b, records, born):
    holders = {}
    for element in ("upn", "former_upn"):
        held = [r for r in records if r[element] == upn]
        per_return = defaultdict(set)
        for r in held:
            per_return[r["lea"], r["collection_year"]].add(r["la_child_id"] or r["child_number"])
        twice = any(len(holding) > 1 for holding in per_return.values())
        ours = [r for r in held if r["la_child_id"] and not r.get("elsewhere")]
        holders[element] = set() if twice else {(r["lea"], r["la_child_id"]) for r in ours}
    sharing = holders["upn"] | holders["former_upn"]
    directly = bool({a, b} & holders["upn"]) and {a, b} <= sharing
    return directly and agree(a, b, sharing, born)


def join(keys, links):
    group = {key: {key} for key in keys}
    for a, b in links:
        group[a] |= group[b]
        for key in group[a]:
            group[key] = group[a]
    return {frozenset(members) for members in group.values()}


@few
@given(records=children())
def test_persons_are_those_of_the_rules_written_out(connection, records):
    assert linked(connection, records) == oracle(records)


@few
@given(records=children(), data=st.data())
def test_the_order_of_records_and_the_names_of_children_change_nothing(connection, records, data):
    names = dict(zip(CHILD_IDS, data.draw(st.permutations(CHILD_IDS)), strict=True)) | {None: None}
    renamed = [r | {"la_child_id": names[r["la_child_id"]]} for r in data.draw(st.permutations(records))]
    before = [
        {frozenset((lea, names[i]) for lea, i in group) for group in kind} for kind in linked(connection, records)
    ]
    assert list(linked(connection, renamed)) == before


@few
@given(records=children())
def test_a_person_is_one_or_more_local_persons(connection, records):
    local, persons = linked(connection, records)
    assert all(any(group <= person for person in persons) for group in local)
