"""What the browser tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

import made_up_release


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a draft of the made-up release, built once."""
    return made_up_release.build(tmp_path_factory.mktemp("release"))
