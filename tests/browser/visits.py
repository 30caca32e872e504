"""Visitors of the pages in Chromium, and the names of all pages."""

from __future__ import annotations

import re
import shutil

from playwright.sync_api import Browser, BrowserContext, Page, Route

from rereferrals.datasets.registry import ALL
from rereferrals.dissemination.listings import data_set_page
from rereferrals.release import PROJECT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NO_CHROMIUM = "there is no Chromium here: install it, on Debian and Ubuntu by `apt-get install chromium`"
#: The pages of the book in the order of its contents, and all pages.
CHAPTERS = ("index", *re.findall(r"file: book/(\w+)", (PROJECT / "_toc.yml").read_text(encoding="utf-8")))
NAMES = (*CHAPTERS, *(data_set_page(data_set).removesuffix(".html") for data_set in ALL))
DESK, PHONE, NARROWEST = 1280, 360, 320


class Visit:
    """A visitor's window. What is asked of other sites, and what the browser complains of, is kept."""

    def __init__(self, browser: Browser, address: str, width: int = DESK, script: bool = True) -> None:
        self.address = address
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script
        )
        self.context.route("**/*", self._inside_only)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("requestfailed", lambda request: self.complaints.append(request.url))

    def _inside_only(self, route: Route) -> None:
        if route.request.url.startswith(self.address):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def open(self, name: str) -> Page:
        self.page.goto(f"{self.address}{name}.html")
        return self.page

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()
