"""Nothing that a text holds runs in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser.visits import Visit
from hostile_release import PAYLOADS, site_of

pytestmark = pytest.mark.browser


def test_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: Browser) -> None:
    pages = site_of(tmp_path, list(PAYLOADS), " ".join(PAYLOADS), monkeypatch)
    with Visit(browser, f"file://{tmp_path / 'html'}/") as visit:
        visit.page.on("dialog", lambda dialog: pytest.fail(f"a page opens a dialog: {dialog.message}"))
        for name in pages:
            page = visit.open(name.removesuffix(".html"))
            for target in page.locator("main, h1, th, dd").all()[:8]:
                target.hover(force=True)
            assert page.evaluate("document.querySelectorAll('script:not([type]), [onerror], [onload]').length") == 0
        assert not visit.complaints and not visit.outside
