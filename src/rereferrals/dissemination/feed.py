"""A feed of the release and its updates, in Atom (RFC 4287), for readers who want to be told."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

from rereferrals.release import Release, Update

NAME = "feed.xml"
ATOM: str = "http://www.w3.org/2005/Atom"


def feed(release: Release) -> bytes:
    """The feed of a release: an entry for its publication and one for each update, the latest first."""
    entries = [Update(release.published, "First published."), *release.updates][::-1]
    root = ElementTree.Element("feed", xmlns=ATOM, attrib={"xml:lang": "en-GB"})
    _head(root, release.title, release.address, entries[0].published)
    ElementTree.SubElement(root, "link", rel="self", href=f"{release.address}{NAME}")
    ElementTree.SubElement(root, "link", rel="alternate", href=release.address)
    author = ElementTree.SubElement(root, "author")
    _text(author, "name", release.contact_name)
    _text(author, "email", release.contact_email)
    for number, update in enumerate(entries):
        entry = ElementTree.SubElement(root, "entry")
        is_first = number == len(entries) - 1
        title = f"{release.title}, {release.year}" + ("" if is_first else ": updated")
        _head(entry, title, f"{release.address}#update-{len(entries) - 1 - number}", update.published)
        ElementTree.SubElement(entry, "link", rel="alternate", href=release.address)
        changed = f" Data sets: {', '.join(update.data_sets)}." if update.data_sets else ""
        _text(entry, "summary", update.text + changed)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _head(parent: ElementTree.Element, title: str, id: str, day: date) -> None:
    _text(parent, "title", title)
    _text(parent, "id", id)
    _text(parent, "updated", f"{day.isoformat()}T09:30:00Z")


def _text(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = text
