"""The national release, from a census store that exists: built, unchanged, and with one sentence changed.

The store is as `ingest` and `synthesise` leave it, with what every release starts from; how long that takes is timed
too. Beside it, in the same run, hand-written DuckDB SQL for the same true counts of A1, from the returns themselves.
Those of A2 and A3 are compared and not timed: the units behind them are made once for many other data sets too. The
census is `data/restricted/synthetic`, made if it is not there. Each figure is of a whole, cold process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd

PROJECT = Path(__file__).resolve().parents[1]
CENSUS = PROJECT / "data" / "restricted" / "synthetic"
YEAR, YEARS = 2024, range(2012, 2025)
ROUNDS = 3
WORDS = ("A further", "Another")
YEAR_OF = "year(cin_referral_date) + (month(cin_referral_date) * 100 + day(cin_referral_date) > 331)::int"


def main() -> None:
    if not (CENSUS / "store.json").exists():
        run(PROJECT, "synthesise", "--out", CENSUS, "--years", f"{YEARS[0]}:{YEARS[-1]}")
    with tempfile.TemporaryDirectory() as folder:
        project = copy_of_project(Path(folder) / "project")
        out = Path(folder) / "release"
        build = ("build", "--year", YEAR, "--census", CENSUS, "--out", out, "--final")
        forget()
        print(f"{'what every release starts from, made once':<50}{run_ours('prepare'):7.1f} s", flush=True)
        print(f"{'national build from an existing store':<50}{run(project, *build, show=True):7.1f} s", flush=True)
        print(f"{'nothing changed':<50}{run(project, *build):7.2f} s", flush=True)
        change_a_sentence(project)
        print(f"{'a sentence of one chapter changed':<50}{run(project, *build):7.1f} s", flush=True)
        compare_with_sql(project, Path(folder))


def run(project: Path, *command: object, show: bool = False) -> float:
    """Seconds of a command of the project in `project`; its stages are printed with theirs, if asked to `show`."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "rereferrals.cli", *map(str, command)],
        env=os.environ | {"PYTHONPATH": str(project / "src")},
        check=True,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    if show:
        print(done.stderr, end="", flush=True)
    return seconds


def copy_of_project(to: Path) -> Path:
    """The project's own files, so that a change does not touch the original."""
    for name in ("src", "book", "data/releases", "data/reference"):
        shutil.copytree(PROJECT / name, to / name, ignore=shutil.ignore_patterns("charts"))
    for name in ("_config.yml", "_toc.yml", "data/published_figures.csv"):
        shutil.copyfile(PROJECT / name, to / name)
    return to


def run_ours(*arguments: object) -> float:
    """Seconds of a part of this file as a process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, __file__, *map(str, arguments)], check=True)
    return time.perf_counter() - start


def prepare() -> None:
    """Make what every release starts from, as reading the returns in ends with it."""
    from rereferrals import counting

    counting.prepare(CENSUS)


def forget() -> None:
    """Remove what was worked out from the census before."""
    for name in ("units", "counts", "steps"):
        shutil.rmtree(CENSUS / name, ignore_errors=True)


def change_a_sentence(project: Path) -> None:
    chapter = project / "src" / "rereferrals" / "commentary" / "referrals.py"
    text = chapter.read_text(encoding="utf-8")
    assert WORDS[0] in text, "the sentence to change is no longer there"
    chapter.write_text(text.replace(*WORDS, 1), encoding="utf-8")


def compare_with_sql(project: Path, folder: Path) -> None:
    """Whole processes in turn, from the store to the same counts; the ratio of the medians."""
    took: dict[str, list[float]] = {"ours": [], "sql": []}
    for _ in range(ROUNDS):
        forget()
        run_ours("prepare")
        for way, times in took.items():
            times.append(run_ours(way, folder / way))
    run(project, "count", YEAR, "--census", CENSUS, "--into", folder / "ours")
    count_rest_in_sql(folder / "sql")
    check_equal(folder / "ours", folder / "sql")
    ours, theirs = (sorted(times)[ROUNDS // 2] for times in took.values())
    print(f"{'true counts of A1':<50}{ours:7.1f} s")
    print(f"{'hand-written SQL for the same counts':<50}{theirs:7.1f} s")
    print(f"{'ratio':<50}{ours / theirs:7.2f}")


def count_ours(into: Path) -> None:
    """The counts of A1."""
    from rereferrals.counting import Counting
    from rereferrals.datasets.referrals import A1
    from rereferrals.release import Release
    from rereferrals.restricted import CensusStore

    into.mkdir(parents=True, exist_ok=True)
    counting = Counting(Release.load(YEAR), CensusStore.open(CENSUS))
    counting.counts(A1)


def check_equal(ours: Path, theirs: Path) -> None:
    for name in ("A1", "A2", "A3"):
        mine = pd.read_parquet(ours / f"{name}.parquet").drop(columns="geographic_level")
        by = [column for column in mine.columns if not column.endswith("_count")]
        their = pd.read_parquet(theirs / f"{name}.parquet")[list(mine.columns)]
        pd.testing.assert_frame_equal(
            mine.sort_values(by, ignore_index=True), their.sort_values(by, ignore_index=True), check_dtype=False
        )


def table(name: str, years: range) -> str:
    """A table of the store over some years."""
    return "read_parquet([" + ", ".join(f"'{CENSUS}/{year}/{name}.parquet'" for year in years) + "])"


def annual_in_sql() -> duckdb.DuckDBPyConnection:
    """A connection with the table `referrals`, a row for each referral of the annual method."""
    sql = duckdb.connect()
    annual = range(2016, YEAR + 1)
    group = "lea, collection_year, la_child_id, child_number, referral_number"
    sql.execute(f"""
        create table in_year as
        select {group}, cin_referral_date, referral_nfa, reason_for_closure, date_of_initial_cpc
        from {table("referrals", annual)} where {YEAR_OF} = collection_year
    """)
    sql.execute(f"""
        create table not_in_need as
        select {group} from in_year
        anti join {table("section47", annual)} using ({group})
        anti join {table("child_protection_plans", annual)} using ({group})
        anti join {table("cin_plans", annual)} using ({group})
        where reason_for_closure in ('RC8', 'RC9') and not referral_nfa and date_of_initial_cpc is null
    """)
    sql.execute(f"""
        create table referrals as
        with dated as (
            select r.*, n.lea is not null as not_in_need,
                cin_referral_date - lag(cin_referral_date) over (
                    partition by r.lea, r.la_child_id order by cin_referral_date, child_number, referral_number
                ) as gap
            from in_year r left join not_in_need n using ({group})
        ), own as (
            select collection_year as time_period, lea, la_child_id, referral_nfa, not_in_need,
                coalesce(gap <= 365, false) and not (lea in ('838', '839') and collection_year = 2020) as again
            from dated where gap is null or gap <> 0
        )
        select * from own where (lea, time_period) not in (('204', 2021), ('204', 2022), ('850', 2024))
        union all select * replace (2021 as time_period) from own where lea = '204' and time_period = 2020
        union all select * replace (2022 as time_period) from own where lea = '204' and time_period = 2020
        union all select * replace (2024 as time_period) from own where lea = '850' and time_period = 2023
    """)
    return sql


def count_in_sql(into: Path) -> None:
    """The same counts as a statistician would write them by hand, with the stand-ins typed in."""
    into.mkdir(parents=True, exist_ok=True)
    sql = annual_in_sql()
    sql.execute(f"""
        copy (
            select time_period, count(*) as referral_count, count(*) filter (again) as rereferral_count,
                count(*) filter (referral_nfa) as no_further_action_count,
                count(*) filter (not_in_need) as not_in_need_count,
                count(distinct (lea, la_child_id)) as referral_child_count,
                count(distinct (lea, la_child_id)) filter (again) as rereferral_child_count
            from referrals where time_period >= 2017 group by time_period
        ) to '{into}/A1.parquet'
    """)


def count_rest_in_sql(into: Path) -> None:
    """The same children by how often they were referred, and the same cohorts."""
    sql = annual_in_sql()
    sql.execute(f"""
        copy (
            with children as (
                select time_period, least(count(*), 3) as n from referrals where time_period >= 2017
                group by time_period, lea, la_child_id
            )
            select time_period, count(*) as referral_child_count,
                case n when 1 then '1 referral' when 2 then '2 referrals' when 3 then '3 or more referrals'
                    else 'Total' end as number_of_referrals
            from children group by grouping sets ((time_period, n), (time_period))
        ) to '{into}/A2.parquet'
    """)
    sql.execute(f"""
        create table followed as
        with days as (
            select distinct local_person_id, cin_referral_date
            from {table("referrals", YEARS)} join '{CENSUS}/persons.parquet' using (lea, la_child_id)
            where cin_referral_date >= '2015-04-01'
        )
        select {YEAR_OF} as time_period,
            cin_referral_date - lag(cin_referral_date) over person as before,
            lead(cin_referral_date) over person - cin_referral_date as after
        from days window person as (partition by local_person_id order by cin_referral_date)
    """)
    sql.execute(f"""
        copy (
            select time_period, follow_up, count(*) as initial_child_count,
                count(*) filter (after <= 365 * years) as rereferral_child_count
            from followed, 
                (values (1, 'Within 1 year'), (3, 'Within 3 years'), (5, 'Within 5 years')) w(years, follow_up)
            where time_period between 2017 and {YEAR} - years and coalesce(before > 365, true)
            group by all
        ) to '{into}/A3.parquet'
    """)


if __name__ == "__main__":
    parts = {"prepare": prepare, "ours": count_ours, "sql": count_in_sql}
    if sys.argv[1:]:
        parts[sys.argv[1]](*map(Path, sys.argv[2:]))
    else:
        main()
