"""Terms in sentences: where a page first has a word that is defined, it leads to the glossary."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache

from rereferrals.measures.registry import defined

#: A run of text, and the name of the definition that it leads to, if it does.
Piece = tuple[str, str | None]


@cache
def forms(sections: tuple[str, ...]) -> Mapping[str, str]:
    """Every form of every term of a release with these sections, within a sentence and where it begins one, with the
    name of its definition."""
    return {
        form[0].lower() + form[1:] if within else form[0].upper() + form[1:]: definition.name
        for definition in defined(sections)
        for form in definition.forms
        for within in (True, False)
    }


def pieces(text: str, named: Mapping[str, str], met: Collection[str] = ()) -> list[Piece]:
    """The text in pieces that make it up in order, of which those lead to a definition that first mention it.

    `named` are forms of terms, as `forms` gives them, and `met` the definitions that are not to be led to again. Where
    one form holds another the longer one counts, and one within a word, or a part of a hyphenated one, is none.
    """
    found: list[Piece] = []
    seen, end = set(met), 0
    for match in _pattern(tuple(named)).finditer(text):
        name = named[match[0]]
        if name not in seen:
            seen.add(name)
            found += [(text[end : match.start()], None), (match[0], name)]
            end = match.end()
    return [piece for piece in (*found, (text[end:], None)) if piece[0]]


@cache
def _pattern(named: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(named, key=lambda form: (-len(form), form))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?![\w-])")
