"""A synthetic census of any size and seed holds what every published table of counts holds."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from rereferrals.census.synthetic import synthesise
from rereferrals.census.synthetic.children import draw_traits
from rereferrals.census.synthetic.history import Pool, YearOfReferrals, first_day, last_day, refer
from rereferrals.census.synthetic.targets import Target, targets
from rereferrals.release import reporting_year

sizes = st.integers(0, 12)


@st.composite
def feasible_targets(draw: st.DrawFn) -> Target:
    """Any target whose parts fit each other."""
    single, linked, repeating = draw(sizes), draw(sizes), draw(sizes)
    linked_repeating = draw(st.integers(0, linked))
    several = linked_repeating + repeating
    three_or_more = draw(st.integers(0, several))
    further = draw(st.integers(three_or_more, 3 * three_or_more))
    referrals = single + linked + repeating + several + further
    nfa = draw(st.integers(0, referrals))
    rest = draw(st.integers(0, referrals - nfa))
    followed_late = draw(st.integers(0, (single + repeating) // 2))
    renumbered = draw(st.integers(0, single + repeating - followed_late))
    late = draw(sizes)
    again = draw(st.integers(0, late))
    return Target(
        single, linked, repeating, linked_repeating, further, three_or_more, nfa, rest,
        late, again, draw(st.integers(0, late - again)), followed_late, renumbered, 0, True,
    )  # fmt: skip


def pool_of(rng: np.random.Generator, size: int, year: int) -> Pool:
    """Children of all ages but the eldest, last referred in the years before; they are alive."""
    last = rng.integers(first_day(year - 3), last_day(year - 1), size, dtype=np.int32, endpoint=True)
    birth = (first_day(year) - rng.integers(0, 5000, size)).astype(np.int32)
    seen = np.where(rng.random(size) < 0.6, last, last - rng.integers(20, 900, size)).astype(np.int32)
    traits = draw_traits(rng, size, year)
    traits["dies"] = False
    return Pool(np.arange(size, dtype=np.int32), birth, last, seen, rng.random(size) < 0.8, traits)


def gone(seen: YearOfReferrals, before: int) -> set[int]:
    """The numbers of children who became known in a year, after so many `before`, and cannot be referred after it."""
    return set((before + np.flatnonzero(seen.new_traits["dies"])).tolist())


@given(feasible_targets(), st.integers(0, 2**32), st.integers(2013, 2030))
def test_a_year_of_referrals_counts_to_its_target(target: Target, seed: int, year: int) -> None:
    rng = np.random.default_rng(seed)
    pool = pool_of(rng, 1000, year)

    seen, after = refer(rng, pool, target, year, len(pool))

    seen_before = dict(zip(pool.child.tolist(), pool.seen.tolist(), strict=True))
    days: dict[int, list[int]] = defaultdict(list)
    for child, day in zip(seen.child[~seen.late].tolist(), seen.day[~seen.late].tolist(), strict=True):
        days[child].append(day)
    renumbered = set(seen.child[seen.renumbered].tolist())
    linked = {c for c, d in days.items() if c in seen_before and d[0] - seen_before[c] <= 365} - renumbered
    times = Counter({c: len(d) for c, d in days.items()})
    assert all(d == sorted(set(d)) for d in days.values())
    assert all(first_day(year) <= d[0] and d[-1] <= last_day(year) for d in days.values())
    assert len(linked) == target.linked
    assert len(days) - len(linked) == target.single + target.repeating
    assert sum(times[c] > 1 for c in linked) == target.linked_repeating
    assert sum(n > 1 for c, n in times.items() if c not in linked) == target.repeating
    assert sum(n > 2 for n in times.values()) == target.three_or_more
    assert sum(n - 2 for n in times.values() if n > 1) == target.further
    assert len(set(after.child.tolist())) == len(after)
    assert gone(seen, len(pool)).isdisjoint(after.child.tolist())
    assert {c: max(d) for c, d in days.items() if c not in gone(seen, len(pool))}.items() <= dict(
        zip(after.child.tolist(), after.seen.tolist(), strict=True)
    ).items()


@given(feasible_targets(), st.integers(0, 2**32), st.integers(2013, 2030))
def test_what_the_annual_method_does_not_see_counts_to_its_target_too(target: Target, seed: int, year: int) -> None:
    rng = np.random.default_rng(seed)
    pool = pool_of(rng, 1000, year)

    seen, after = refer(rng, pool, target, year, len(pool))

    last_before = dict(zip(pool.child.tolist(), pool.last.tolist(), strict=True))
    days: dict[int, list[int]] = defaultdict(list)
    for child, day in zip(seen.child.tolist(), seen.day.tolist(), strict=True):
        days[child].append(day)
    again = {
        (child, later): later - earlier <= 365
        for child, mine in days.items()
        for earlier, later in itertools.pairwise([last_before.get(child, -1000), *mine])
    }
    late = dict(zip(seen.child[seen.late].tolist(), seen.day[seen.late].tolist(), strict=True))
    assert all(mine == sorted(set(mine)) for mine in days.values())
    assert len(late) == seen.late.sum() == target.late
    assert all(day == days[child][-1] for child, day in late.items())
    assert sum(again[child, day] for child, day in late.items()) == target.late_rereferral
    assert sum(c in last_before and not again[c, d] for c, d in late.items()) == target.late_long_unseen
    assert seen.renumbered.sum() == target.renumbered
    repeats = target.repeating + target.linked_repeating + target.further
    unlinked = target.linked + target.followed_late + target.renumbered
    assert sum(again.values()) == unlinked + repeats + target.late_rereferral
    known = dict(zip(after.child.tolist(), zip(after.last.tolist(), after.seen.tolist(), strict=True), strict=True))
    alive = late.keys() - gone(seen, len(pool))
    assert all(known[child][0] == late[child] > known[child][1] for child in alive)


@given(st.floats(0.0002, 1.5), st.integers(2010, 2030))
def test_parts_of_any_scale_fit_each_other_and_keep_the_shares_of_england(scale: float, year: int) -> None:
    whole = list(targets([year], 1.0).values())
    scaled = list(targets([year], scale).values())

    for t in scaled:
        several = t.repeating + t.linked_repeating
        assert min(t.single, t.linked, t.repeating, t.linked_repeating, t.further, t.not_in_need) >= 0
        assert t.linked_repeating <= t.linked
        assert t.three_or_more <= several and t.three_or_more <= t.further <= 3 * max(t.three_or_more, t.further > 0)
        referrals = t.single + t.linked + t.repeating + several + t.further
        assert t.no_further_action + t.not_in_need <= referrals
    for part in ("single", "linked", "repeating"):
        assert abs(sum(getattr(t, part) for t in scaled) - scale * sum(getattr(t, part) for t in whole)) <= 0.5001


@settings(max_examples=5)
@given(st.floats(0.0005, 0.004), st.integers(0, 1000))
def test_the_identities_of_annual_counts_hold_for_every_authority_of_a_small_census(scale: float, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        synthesise(Path(folder) / "store", range(2021, 2025), scale=scale, seed=seed, processes=1)
        rows = [
            row
            for year in range(2021, 2025)
            for row in pq.read_table(Path(folder) / "store" / str(year) / "referrals.parquet").to_pylist()
            if reporting_year(row["cin_referral_date"]) == row["collection_year"]
        ]
    days: dict[tuple[str, int], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    nfa: Counter[tuple[str, int]] = Counter()
    for row in rows:
        key = row["lea"], row["collection_year"]
        days[key][row["la_child_id"]].append(row["cin_referral_date"].toordinal())
        nfa[key] += row["referral_nfa"]
    for (lea, year), children in list(days.items()):
        before = days.get((lea, year - 1), {})
        again = {
            child: sum(b - a <= 365 for a, b in itertools.pairwise(line))
            for child, mine in children.items()
            for line in [sorted(before.get(child, []))[-1:] + sorted(mine)]
        }
        referrals = sum(map(len, children.values()))
        rereferrals, rereferred = sum(again.values()), sum(n > 0 for n in again.values())
        assert referrals - len(children) <= rereferrals <= referrals
        assert rereferred <= min(rereferrals, len(children))
        assert referrals - rereferrals <= len(children)
        assert len(children) - rereferred <= referrals - rereferrals
        assert nfa[lea, year] <= referrals
