"""A folder is replaced whole or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rereferrals.atomic import Unchanged, fresh_folder
from rereferrals.errors import BadInput

KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from rereferrals.atomic import fresh_folder
with fresh_folder(Path(sys.argv[1])) as folder:
    (folder / "page").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def write(target: Path, text: str) -> None:
    with fresh_folder(target) as folder:
        (folder / "page").write_text(text)


def test_the_new_version_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    write(tmp_path / "release", "old")
    write(tmp_path / "release", "new")
    assert (tmp_path / "release" / "page").read_text() == "new"


def test_nothing_is_at_the_target_before_the_version_is_whole(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "release") as folder:
        (folder / "page").write_text("half")
        assert not (tmp_path / "release").exists()


def test_an_error_leaves_the_old_version_and_nothing_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "release", "old")
    with pytest.raises(ZeroDivisionError), fresh_folder(tmp_path / "release") as folder:
        (folder / "page").write_text("half")
        _ = 1 / 0
    assert (tmp_path / "release" / "page").read_text() == "old"
    assert len(versions(tmp_path)) == 1


def test_what_is_unchanged_stays_where_it_is_with_all_that_is_in_it(tmp_path: Path) -> None:
    write(tmp_path / "release", "old")
    opened = (tmp_path / "release").resolve()
    (opened / "beside").touch()
    with fresh_folder(tmp_path / "release") as folder:
        (folder / "page").write_text("old")
        raise Unchanged
    assert (tmp_path / "release").resolve() == opened
    assert {path.name for path in opened.iterdir()} == {"page", "beside"}
    assert versions(tmp_path) == [opened]


def test_a_killed_writer_leaves_the_old_version_and_the_next_one_clears_up(tmp_path: Path) -> None:
    write(tmp_path / "release", "old")
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, tmp_path / "release"])
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "release" / "page").read_text() == "old"
    write(tmp_path / "release", "new")
    assert {(folder / "page").read_text() for folder in versions(tmp_path)} == {"old", "new"}


def test_a_reader_keeps_the_version_that_it_opened(tmp_path: Path) -> None:
    write(tmp_path / "release", "old")
    opened = (tmp_path / "release").resolve()
    write(tmp_path / "release", "new")
    assert (opened / "page").read_text() == "old"


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "release"), pytest.raises(BadInput, match="being written by another process"):
        write(tmp_path / "release", "other")


def test_a_folder_that_someone_else_filled_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "thesis").touch()
    with pytest.raises(BadInput, match="was not made by this program"):
        write(tmp_path / "release", "new")
    assert (tmp_path / "release" / "thesis").exists()


def test_an_empty_folder_may_be_the_target(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    write(tmp_path / "release", "new")
    assert (tmp_path / "release" / "page").read_text() == "new"


def versions(folder: Path) -> list[Path]:
    return [path for path in (folder / ".release.versions").iterdir() if path.is_dir()]
