"""What the chapter on factors identified at the end of assessment says and draws."""

from rereferrals.chart_model import Cells, Chart
from rereferrals.commentary.wording import (
    above,
    among,
    below,
    higher_than,
    highest_of,
    little_changed,
    lower_than,
    not_lower_by,
)
from rereferrals.commentary.wording import lower_by as rarer
from rereferrals.datasets.factors import CIN_C3, D1, D2, D3
from rereferrals.measures.factors import (
    ALL_WITH_FACTOR,
    CASE_SHARE,
    EPISODES_BY_FACTOR,
    EPISODES_WITH_FACTOR,
    FACTOR,
    RECORDED,
    RECORDED_RATE,
    REFERRALS_WITH_FACTOR,
    REREFERRAL_RATE,
    REREFERRALS_WITH_FACTOR,
    THREE_TYPES,
)
from rereferrals.measures.journeys import INITIAL, LEADING, NOT_LEADING, REREFERRAL
from rereferrals.model import Claim, Condition, Figure, percentage

# Factors as they are named on the page

NAMES = {category: category.replace(" (any)", "").replace("/", " or ").capitalize() for category in FACTOR.categories}
DRUGS, ALCOHOL, MENTAL_HEALTH = "Drug misuse (any)", "Alcohol misuse (any)", "Mental health (any)"
NEGLECT, EMOTIONAL_ABUSE, GANGS = "Neglect", "Emotional abuse", "Gangs"
EXPLOITATION, MISSING = "Child criminal exploitation", "Going/being missing"
SEXUAL_ABUSE, PHYSICAL_ABUSE = "Sexual abuse (any)", "Physical abuse (any)"
PHYSICAL_DISABILITY, LEARNING_DISABILITY = "Physical disability or illness (any)", "Learning disability (any)"
FAITH, FGM = "Abuse linked to faith or belief", "Female Genital Mutilation"

TYPE_NAMES = {
    NOT_LEADING: "Initial, not re-referred", LEADING: "Initial, later re-referred", REREFERRAL: "Re-referrals",
}  # fmt: skip
_NOT_LEADING, _LEADING, _REREFERRAL = TYPE_NAMES.values()


def share(factor: str, referral_type: str) -> Figure:
    """The percentage of referrals of a type, with any factor, that have this one."""
    return D1.cell(CASE_SHARE, assessmentfactor=factor, referral_type=referral_type)


# How factors group by the pattern of their figures. How far two shares may be apart is in percentage points.

APART = 1
IN_REREFERRALS = (highest_of(_REREFERRAL, _LEADING, _NOT_LEADING),)
NO_RARER_BEFORE = (*IN_REREFERRALS, not_lower_by(_LEADING, _NOT_LEADING, more_than=APART))
RARER_BEFORE = (*IN_REREFERRALS, rarer(_LEADING, _NOT_LEADING, more_than=APART))
IN_REFERRALS_NOT_LEADING = (highest_of(_NOT_LEADING, _LEADING, _REREFERRAL),)


def with_pattern(*pattern: Condition) -> Cells:
    """The factors whose shares of the three types of referral show a pattern."""
    return Cells(
        D1, CASE_SHARE, rows=FACTOR, columns=THREE_TYPES, row_names=NAMES, column_names=TYPE_NAMES, where=pattern
    )


def with_rate(pattern: Condition | None = None) -> Cells:
    """The factors whose re-referral rate meets a condition, or all of them."""
    return Cells(
        D2,
        {"Re-referral rate": REREFERRAL_RATE},
        rows=FACTOR,
        row_names=NAMES,
        where=(pattern,) if pattern else (),
    )


# What was recorded

RECORDED_FOR = Claim(
    "Factors were recorded for {recorded:,} ({rate:.0f}%) of the referrals in the year ending 31 March "
    "{recorded.year}. All percentages by type of referral are of these.",
    recorded=D3.cell(RECORDED),
    rate=D3.cell(RECORDED_RATE),
)
LEAD = Claim(
    "In the year ending 31 March {drugs.year}, {drugs:.0f}% of re-referrals had drug misuse as a factor, against "
    "{leading:.0f}% of initial referrals that led to a re-referral and {not_leading:.0f}% of those that did not.",
    drugs=share(DRUGS, REREFERRAL),
    leading=share(DRUGS, LEADING),
    not_leading=share(DRUGS, NOT_LEADING),
    true_if=highest_of("drugs", "leading", "not_leading"),
)

# Factors more common in re-referrals

DRUG_INITIAL = percentage(
    D1.cell(REFERRALS_WITH_FACTOR, assessmentfactor=DRUGS, referral_type=NOT_LEADING)
    + D1.cell(REFERRALS_WITH_FACTOR, assessmentfactor=DRUGS, referral_type=LEADING),
    of=D3.cell(RECORDED, referral_type=INITIAL),
)
DRUG_SHARES = Claim(
    "Drug misuse was a factor in {initial:.0f}% of all initial referrals and {rereferral:.0f}% of re-referrals. "
    "Whether the initial referral led to a re-referral made little difference: {leading:.0f}% of those that did, and "
    "{not_leading:.0f}% of those that did not, had drug misuse as a factor.",
    initial=DRUG_INITIAL,
    rereferral=share(DRUGS, REREFERRAL),
    leading=share(DRUGS, LEADING),
    not_leading=share(DRUGS, NOT_LEADING),
    true_if=(higher_than("rereferral", "initial"), little_changed("not_leading", "leading", within=APART)),
)
DRUG_PATTERN = Claim(
    "Alcohol misuse and mental health show the same pattern as drug misuse: they too are more common in re-referrals "
    "(alcohol misuse {alcohol:.0f}%, mental health {health:.0f}%) than in initial referrals of either kind.",
    drugs=share(DRUGS, REREFERRAL),
    drugs_leading=share(DRUGS, LEADING),
    drugs_not_leading=share(DRUGS, NOT_LEADING),
    alcohol=share(ALCOHOL, REREFERRAL),
    alcohol_leading=share(ALCOHOL, LEADING),
    alcohol_not_leading=share(ALCOHOL, NOT_LEADING),
    health=share(MENTAL_HEALTH, REREFERRAL),
    health_leading=share(MENTAL_HEALTH, LEADING),
    health_not_leading=share(MENTAL_HEALTH, NOT_LEADING),
    true_if=tuple(
        highest_of(factor, f"{factor}_leading", f"{factor}_not_leading") for factor in ("drugs", "alcohol", "health")
    ),
)
GANG_SHARES = Claim(
    "Gangs were a factor in few referrals, and in a larger percentage of re-referrals ({rereferral}%) than of initial "
    "referrals that led to a re-referral ({leading}%) or did not ({not_leading}%).",
    rereferral=share(GANGS, REREFERRAL),
    leading=share(GANGS, LEADING),
    not_leading=share(GANGS, NOT_LEADING),
    true_if=(highest_of("rereferral", "leading", "not_leading"), below("rereferral", 5)),
)

# Factors that are missed at first

NEGLECT_PATTERN = Claim(
    "Neglect and emotional abuse are most common in re-referrals too. But they are rarer in initial referrals that "
    "lead to a re-referral than in those that do not: neglect was a factor in {neglect_leading:.0f}% and "
    "{neglect_not_leading:.0f}%, and emotional abuse in {emotional_leading:.0f}% and {emotional_not_leading:.0f}%.",
    neglect=share(NEGLECT, REREFERRAL),
    neglect_leading=share(NEGLECT, LEADING),
    neglect_not_leading=share(NEGLECT, NOT_LEADING),
    emotional=share(EMOTIONAL_ABUSE, REREFERRAL),
    emotional_leading=share(EMOTIONAL_ABUSE, LEADING),
    emotional_not_leading=share(EMOTIONAL_ABUSE, NOT_LEADING),
    true_if=tuple(
        condition
        for factor in ("neglect", "emotional")
        for condition in (
            highest_of(factor, f"{factor}_leading", f"{factor}_not_leading"),
            lower_than(f"{factor}_leading", f"{factor}_not_leading"),
        )
    ),
)

# Factors less common in re-referrals

LESS_COMMON = Claim(
    "Other factors are most common in initial referrals that do not lead to a re-referral: {factors.names}.",
    factors=with_pattern(*IN_REFERRALS_NOT_LEADING),
    true_if=among(
        "factors", *(NAMES[f] for f in (SEXUAL_ABUSE, PHYSICAL_DISABILITY, LEARNING_DISABILITY, PHYSICAL_ABUSE))
    ),
)

# Re-referral rates

GANG_RATE = Claim(
    "Gangs were a factor in {referrals:,} referrals in the year ending 31 March {referrals.year}. Of these, "
    "{rereferrals:,} ({rate:.0f}%) were re-referrals.",
    referrals=D2.cell(ALL_WITH_FACTOR, assessmentfactor=GANGS),
    rereferrals=D2.cell(REREFERRALS_WITH_FACTOR, assessmentfactor=GANGS),
    rate=D2.cell(REREFERRAL_RATE, assessmentfactor=GANGS),
)
RATES_OVER = Claim(
    "For each of these factors, more than three in ten referrals were re-referrals: {factors.names}.",
    factors=with_rate(above("Re-referral rate", 30)),
    true_if=among("factors", *(NAMES[factor] for factor in (GANGS, EXPLOITATION, MISSING))),
)
RATES_UNDER = Claim(
    "For each of these, fewer than two in ten were: {factors.names}.",
    factors=with_rate(below("Re-referral rate", 20)),
    true_if=among("factors", *(NAMES[factor] for factor in (FAITH, SEXUAL_ABUSE, FGM))),
)

# Episodes with each factor, by the annual method

_PARENT = {count.name: count for count in EPISODES_BY_FACTOR}
ANNUAL = Claim(
    "By the annual method, which counts assessments completed in the year, factors were identified in {episodes:,} "
    "episodes in the year ending 31 March {episodes.year}. A parent's mental health was a factor in {health:,} of "
    "them, and domestic abuse of a parent in {abuse:,}.",
    episodes=CIN_C3.cell(EPISODES_WITH_FACTOR),
    health=CIN_C3.cell(_PARENT["Mental_Health_parent"]),
    abuse=CIN_C3.cell(_PARENT["Domestic_Abuse_parent"]),
)

# Charts


def _by_type(name: str, order: str, pattern: tuple[Condition, ...], title: Claim, alt: Claim) -> Chart:
    """Dots for the three types of referral, a row for each factor that shows a pattern."""
    cells = with_pattern(*pattern)
    return Chart(
        name=name,
        mark="dots",
        shows=cells,
        order=order,
        category_title="Factor",
        value_title="Percentage of referrals with any factor",
        title=title,
        subtitle=Claim(
            "Percentage of referrals of each type, with any factor recorded, that have the factor, England, year "
            "ending 31 March {factors.year}",
            factors=cells,
        ),
        alt=alt,
    )


REREFERRALS_CHART = _by_type(
    "factors_in_rereferrals",
    "difference",
    NO_RARER_BEFORE,
    title=Claim(
        "Drug misuse, alcohol misuse and mental health are among the factors that are more common in re-referrals",
        factors=with_pattern(*NO_RARER_BEFORE),
        true_if=among("factors", *(NAMES[factor] for factor in (DRUGS, ALCOHOL, MENTAL_HEALTH))),
    ),
    alt=Claim(
        "Dot plot, a row for each factor with three dots. That for re-referrals is on the right in each row: for drug "
        "misuse it stands at {drugs}%, and those for initial referrals at {leading}% and {not_leading}%.",
        drugs=share(DRUGS, REREFERRAL),
        leading=share(DRUGS, LEADING),
        not_leading=share(DRUGS, NOT_LEADING),
    ),
)
RARER_BEFORE_CHART = _by_type(
    "factors_rarer_before_a_rereferral",
    _REREFERRAL,
    RARER_BEFORE,
    title=Claim(
        "{factors.names}: most common in re-referrals, but rarer than elsewhere in the referrals that came before them",
        factors=with_pattern(*RARER_BEFORE),
        true_if=among("factors", NAMES[NEGLECT]),
    ),
    alt=Claim(
        "Dot plot, a row for each factor with three dots. For neglect, initial referrals that were later followed by a "
        "re-referral stand at {leading}%, other initial referrals at {not_leading}% and re-referrals at "
        "{rereferral}%.",
        leading=share(NEGLECT, LEADING),
        not_leading=share(NEGLECT, NOT_LEADING),
        rereferral=share(NEGLECT, REREFERRAL),
    ),
)
LESS_COMMON_CHART = _by_type(
    "factors_less_common_in_rereferrals",
    _NOT_LEADING,
    IN_REFERRALS_NOT_LEADING,
    title=Claim(
        "Physical abuse and sexual abuse are among the factors most common in referrals that stay the only one",
        factors=with_pattern(*IN_REFERRALS_NOT_LEADING),
        true_if=among("factors", *(NAMES[factor] for factor in (PHYSICAL_ABUSE, SEXUAL_ABUSE))),
    ),
    alt=Claim(
        "Dot plot, a row for each factor with three dots. That for initial referrals without a re-referral is on the "
        "right in each row: for physical abuse it stands at {not_leading}%, against {rereferral}% of re-referrals.",
        not_leading=share(PHYSICAL_ABUSE, NOT_LEADING),
        rereferral=share(PHYSICAL_ABUSE, REREFERRAL),
    ),
)
RATES_CHART = Chart(
    name="rereferral_rate_by_factor",
    mark="dots",
    shows=with_rate(),
    order="Re-referral rate",
    category_title="Factor",
    value_title="Percentage of referrals with the factor that are re-referrals",
    title=Claim(
        "{gangs:tenths} referrals with gangs as a factor are re-referrals, and {fgm:tenths} with female genital "
        "mutilation",
        gangs=D2.cell(REREFERRAL_RATE, assessmentfactor=GANGS),
        fgm=D2.cell(REREFERRAL_RATE, assessmentfactor=FGM),
    ),
    subtitle=Claim(
        "Percentage of referrals with each factor that are re-referrals within 12 months of a previous referral, "
        "England, year ending 31 March {rate.year}",
        rate=D2.cell(REREFERRAL_RATE, assessmentfactor=GANGS),
    ),
    alt=Claim(
        "Dot plot, a row with one dot for each factor, in order of the percentage of referrals that are re-referrals: "
        "{gangs}% with gangs as a factor, {sexual}% with sexual abuse and {fgm}% with female genital mutilation.",
        gangs=D2.cell(REREFERRAL_RATE, assessmentfactor=GANGS),
        sexual=D2.cell(REREFERRAL_RATE, assessmentfactor=SEXUAL_ABUSE),
        fgm=D2.cell(REREFERRAL_RATE, assessmentfactor=FGM),
    ),
)

CHARTS = (REREFERRALS_CHART, RARER_BEFORE_CHART, LESS_COMMON_CHART, RATES_CHART)
