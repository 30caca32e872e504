"""A feed of releases and updates, in Atom (RFC 4287), for readers who want to be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from xml.etree import ElementTree

from rereferrals.release import Release

NAME = "feed.xml"
ATOM: str = "http://www.w3.org/2005/Atom"


def feed(release: Release, earlier: Iterable[Release] = ()) -> bytes:
    """The feed of a release: an entry for its publication, for each update, and for each release before it; the latest
    first."""
    root = ElementTree.Element("feed", xmlns=ATOM, attrib={"xml:lang": "en-GB"})
    _head(root, release.title, release.address, release.history[-1].published)
    ElementTree.SubElement(root, "link", rel="self", href=f"{release.address}{NAME}")
    ElementTree.SubElement(root, "link", rel="alternate", href=release.address)
    author = ElementTree.SubElement(root, "author")
    _text(author, "name", release.contact_name)
    _text(author, "email", release.contact_email)
    for number, update in reversed(list(enumerate(release.updates, 1))):
        changed = f" Data sets: {', '.join(update.data_sets)}." if update.data_sets else ""
        _entry(root, release, f"#update-{number}", "updated", update.published, update.text + changed)
    for each in (release, *sorted(earlier, key=lambda each: each.published, reverse=True)):
        _entry(root, each, "", "published", each.published, each.history[0].text)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _entry(root: ElementTree.Element, release: Release, place: str, what: str, day: date, summary: str) -> None:
    entry = ElementTree.SubElement(root, "entry")
    _head(entry, f"{release.title}, {release.year}: {what}", f"{release.address}{place}", day)
    ElementTree.SubElement(entry, "link", rel="alternate", href=release.address)
    _text(entry, "summary", summary)


def _head(parent: ElementTree.Element, title: str, id: str, day: date) -> None:
    _text(parent, "title", title)
    _text(parent, "id", id)
    _text(parent, "updated", f"{day.isoformat()}T09:30:00Z")


def _text(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = text
