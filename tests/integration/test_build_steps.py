"""A step runs when something it depends on has changed, and not otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from rereferrals import build
from rereferrals.build import Ledger, Step


class Work:
    """A step that counts how often it ran."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.runs = folder, 0

    def step(self, fingerprint: str = "a") -> Step:
        def run() -> None:
            self.runs += 1
            (self.folder / "made").write_text("the same")

        return Step("work", fingerprint, (self.folder / "made",), run)


def test_a_step_runs_once_while_nothing_changes(tmp_path: Path) -> None:
    work, ledger = Work(tmp_path), Ledger(tmp_path / "steps")
    assert ledger.bring_up_to_date(work.step()) == ledger.bring_up_to_date(work.step())
    assert work.runs == 1


def test_a_step_runs_again_when_its_fingerprint_changes_and_gives_the_same_hash_for_the_same_output(
    tmp_path: Path,
) -> None:
    work, ledger = Work(tmp_path), Ledger(tmp_path / "steps")
    assert ledger.bring_up_to_date(work.step("a")) == ledger.bring_up_to_date(work.step("b"))
    assert work.runs == 2


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("something else")])
def test_a_step_runs_again_when_its_output_is_not_what_it_made(tmp_path: Path, damage) -> None:
    work, ledger = Work(tmp_path), Ledger(tmp_path / "steps")
    ledger.bring_up_to_date(work.step())
    damage(tmp_path / "made")
    ledger.bring_up_to_date(work.step())
    assert work.runs == 2
    assert (tmp_path / "made").read_text() == "the same"


def test_a_step_that_fails_is_not_recorded(tmp_path: Path) -> None:
    work, ledger = Work(tmp_path), Ledger(tmp_path / "steps")

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.bring_up_to_date(Step("work", "a", (tmp_path / "made",), fail))
    ledger.bring_up_to_date(work.step())
    assert work.runs == 1


def test_the_code_a_module_can_import_is_in_its_digest_and_other_code_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, text in {
        "__init__": "",
        "reader": "from rereferrals import words",
        "words": "ONE = 1",
        "other": "TWO = 2",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(build, "SOURCE", tmp_path)

    def forget() -> None:
        build._imports.cache_clear()
        build.code_digest.cache_clear()

    def digest() -> str:
        forget()
        return build.code_digest("rereferrals.reader")

    before = digest()
    (tmp_path / "other.py").write_text("TWO = 3")
    assert digest() == before
    (tmp_path / "words.py").write_text("ONE = 2")
    assert digest() != before
    forget()
