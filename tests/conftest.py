"""What every test shares: how far properties are searched, and that no test leans on global randomness."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rich.style  # noqa: F401  (it draws from the global generator, but only when it is first imported)
from hypothesis import HealthCheck, Phase, settings

import made_up_release
from rereferrals.datasets.registry import ALL
from rereferrals.dissemination import formats
from rereferrals.published import DATA_FILES
from rereferrals.release import Release

ROOT = Path(__file__).resolve().parents[1]

# A slow machine is not a fault, so nothing is timed. `pytest --hypothesis-profile=thorough` searches further, and
# differently each time.
settings.register_profile(
    "ci", derandomize=True, max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", max_examples=2000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
# For `make mutants`, which only asks whether a property fails: looking for the smallest example takes minutes.
settings.register_profile("mutants", settings.get_profile("ci"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: opens the built pages in Chromium; skipped where there is none")


@pytest.fixture(scope="session")
def materials() -> Path:
    """The specification's own cases and the open data that the project was written against, kept beside a checkout."""
    folder = ROOT.parent / "shared"
    if not (folder / "spec").is_dir():
        pytest.skip(f"the specification's materials are not beside this checkout (no {folder.name}/spec there)")
    return folder


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a draft of the made-up release, built once."""
    return made_up_release.build(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data files of the made-up release in every format, made once; its figures are said to be made up."""
    folder = tmp_path_factory.mktemp("downloads")
    made_up_release.write(folder)
    for data_set in ALL:
        formats.write(data_set, folder / DATA_FILES, Release.load(made_up_release.YEAR), made_up=True)
    return folder / DATA_FILES


@pytest.fixture(autouse=True)
def _global_randomness_is_left_alone() -> Iterator[None]:
    """Output that depends on a global random generator cannot be made again."""
    before = _random_states()
    yield
    if _random_states() != before:  # not an assert: the states are too long to read
        pytest.fail("this test, or what it called, used a global random generator: pass one instead")


def _random_states() -> tuple[object, ...]:
    algorithm, keys, *rest = np.random.get_state(legacy=True)
    return random.getstate(), algorithm, keys.tobytes(), *rest
