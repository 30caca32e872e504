"""A notebook runs again when what its page may quote has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

import made_up_release
from rereferrals import pipeline
from rereferrals.datasets.durations import A4
from rereferrals.datasets.registry import SECTIONS
from rereferrals.datasets.survival import H1
from rereferrals.dissemination import notebooks, site
from rereferrals.model import DataSet
from rereferrals.published import PublishedTable
from rereferrals.release import REFERENCE

EVERY = [path.stem for path in site.notebooks()]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Runs the notebooks of a release in `tmp_path / "work"` that are out of date, and names them."""
    ran: list[str] = []

    @contextmanager
    def executing(parameters: object, out: Path, review: Path) -> Iterator[Callable[[Iterable[Path]], None]]:
        review.mkdir(exist_ok=True)

        def execute(chosen: Iterable[Path]) -> None:
            for path in chosen:
                ran.append(path.stem)
                shutil.copyfile(path, out / path.name)
                (review / f"{path.stem}.json").write_text("[]")

        yield execute

    monkeypatch.setattr(notebooks, "executing", executing)
    monkeypatch.setattr(pipeline, "REFERENCE", tmp_path / "reference")
    shutil.copytree(REFERENCE, tmp_path / "reference")
    workshop = pipeline.Workshop(tmp_path / "work")
    workshop.stage.mkdir(parents=True)
    made_up_release.write(workshop.release)

    def run_outdated() -> list[str]:
        opened = pipeline.open_release(made_up_release.YEAR, None, workshop.release)
        ran.clear()
        with pipeline._notebooks(opened, workshop, True) as run:
            run(site.notebooks())
        return [*ran]

    return run_outdated


@pytest.mark.parametrize("name", ["events.csv", "footnotes.csv", "comparators.csv", "data_issues.csv"])
def test_a_changed_reference_table_makes_every_page_anew(
    name: str, tmp_path: Path, run: Callable[[], list[str]]
) -> None:
    assert (run(), run()) == (EVERY, [])
    with open(tmp_path / "reference" / name, "a", encoding="utf-8") as file:
        file.write("\n")
    assert run() == EVERY


@pytest.mark.parametrize("data_set", [A4, H1], ids=lambda data_set: data_set.id)
def test_a_changed_table_makes_the_page_of_its_section_anew_and_the_front_page(
    data_set: DataSet, tmp_path: Path, run: Callable[[], list[str]]
) -> None:
    run()
    table = PublishedTable.path(tmp_path / "work" / "release", data_set)
    pd.read_parquet(table).iloc[:-1].to_parquet(table)
    section = next(name for name, data_sets in SECTIONS.items() if data_set in data_sets)
    assert set(run()) == {section, "index"}
