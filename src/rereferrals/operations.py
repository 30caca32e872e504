"""What each command does, with its progress on the terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from rereferrals.release import PROJECT

RETURNS = PROJECT / "data" / "restricted" / "returns"
CENSUS = PROJECT / "data" / "restricted" / "census"
SYNTHETIC = PROJECT / "data" / "restricted" / "synthetic"
FIRST_YEAR = 2012


@dataclass
class Stages:
    """Shows the stage under way, and then what each one took."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Show `name` while the block runs, and its seconds when it has."""
        began = time.perf_counter()
        with self.console.status(name):
            yield
        self.console.print(f"  {name:<52}{time.perf_counter() - began:7.1f} s")


def release_folder(year: int) -> Path:
    """Where `rereferrals release` builds the release of a year."""
    return PROJECT / "_build" / "release" / str(year)


def count(year: int, census: Path, into: Path) -> None:
    """Count every data set of a release into `into`."""
    stages = Stages()
    with stages.stage("Start the engine"):
        from rereferrals import pipeline
    with stages.stage("Count"):
        paths = pipeline.count(year, census, into)
    for path in paths:
        print(path)
