"""A notebook runs again when a reference table that its page may quote has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import made_up_release
from rereferrals import pipeline
from rereferrals.dissemination import notebooks, site
from rereferrals.release import REFERENCE


@pytest.mark.parametrize("name", ["events.csv", "footnotes.csv", "comparators.csv", "data_issues.csv"])
def test_a_changed_reference_table_makes_every_page_anew(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def execute(chosen: list[Path], parameters: object, out: Path, review: Path, meanwhile: object) -> None:
        ran.append([path.stem for path in chosen])
        review.mkdir(exist_ok=True)
        for path in chosen:
            shutil.copyfile(path, out / path.name)
            (review / f"{path.stem}.json").write_text("[]")

    monkeypatch.setattr(notebooks, "execute", execute)
    monkeypatch.setattr(pipeline, "REFERENCE", tmp_path / "reference")
    shutil.copytree(REFERENCE, tmp_path / "reference")
    workshop = pipeline.Workshop(tmp_path / "work")
    workshop.stage.mkdir(parents=True)
    made_up_release.write(workshop.release)
    opened = pipeline.open_release(made_up_release.YEAR, None, workshop.release)
    for _ in range(2):
        pipeline._run_notebooks(opened, workshop, draft=True)
    with open(tmp_path / "reference" / name, "a", encoding="utf-8") as file:
        file.write("\n")
    pipeline._run_notebooks(opened, workshop, draft=True)
    every = [path.stem for path in site.notebooks()]
    assert ran == [every, [], every]
