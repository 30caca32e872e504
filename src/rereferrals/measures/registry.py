"""Which definitions each section of the release needs."""

from collections.abc import Collection, Iterable

from rereferrals.measures import (
    characteristics,
    child_protection,
    durations,
    factors,
    general,
    journeys,
    ofsted,
    referrals,
    regional,
    survival,
)
from rereferrals.model import Definition, need

#: Section → what its definitions are about, and those that its page needs, in the order of the release.
SECTIONS: dict[str, tuple[str, tuple[Definition, ...]]] = {
    "referrals": ("Referrals and children referred", (*referrals.DEFINITIONS, *journeys.OF_REFERRALS)),
    "durations": ("Episodes of need", durations.DEFINITIONS),
    "characteristics": ("Characteristics of children", characteristics.DEFINITIONS),
    "factors": ("Factors", factors.DEFINITIONS),
    "journeys": ("Journeys through social care", (*journeys.DEFINITIONS, child_protection.PLAN)),
    "regional": ("Regions and local authorities", (*referrals.BASIC, *regional.DEFINITIONS)),
    "ofsted": ("Ofsted judgements", ofsted.DEFINITIONS),
    "survival": ("Re-referral after a case has closed", (*survival.DEFINITIONS, *journeys.STEPS)),
    "child_protection": ("Child protection over five years", child_protection.DEFINITIONS),
}
#: What those are about that a release has whatever its sections.
EVERYWHERE = "All figures"


def topics(sections: Collection[str]) -> dict[str, tuple[Definition, ...]]:
    """The definitions of a release with these sections, by what they are about; each once, where it is first needed."""
    found: dict[str, tuple[Definition, ...]] = {EVERYWHERE: general.DEFINITIONS}
    for section in sections:
        title, needed = SECTIONS[section]
        before = {definition for definitions in found.values() for definition in definitions}
        found[title] = tuple(definition for definition in needed if definition not in before)
    return found


def defined(sections: Collection[str]) -> tuple[Definition, ...]:
    """The definitions of a release with these sections."""
    return tuple(definition for definitions in topics(sections).values() for definition in definitions)


def refuse_doubles(definitions: Iterable[Definition]) -> None:
    """Refuse definitions of which two are of one word: DeclarationError."""
    meant: dict[str, Definition] = {}
    for definition in definitions:
        for form in {form.casefold() for form in definition.forms} | {definition.name}:
            other = meant.setdefault(form, definition)
            need(other is definition, f"{form!r} is defined twice: as {other.term} and as {definition.term}")


refuse_doubles(defined(SECTIONS))
