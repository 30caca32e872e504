"""Measures of the time from closure to the next referral, and of what goes with an earlier return (M23)."""

from dataclasses import dataclass
from typing import Any

from rereferrals.measures.factors import FACTOR, HAS_ANY
from rereferrals.measures.journeys import LEVELS, LOOKED_AFTER
from rereferrals.model import Count, Definition, Estimate, Filter, Rate
from rereferrals.reference import code_set, grouped
from rereferrals.release import YEARS_FOLLOWED

MONTHS = range(12 * YEARS_FOLLOWED + 1)


@dataclass(frozen=True)
class Characteristic:
    """What is known of a case at closure: a column of the unit that holds a place in `categories`, counted from 0.

    `reference` is the category that others are compared with.
    """

    topic: str
    column: str
    categories: tuple[str, ...]
    reference: str


_NEEDS = tuple(grouped("primary_need", "published"))
_AGES = tuple(code.label for code in code_set("age_band"))
NEED = Characteristic("Primary need", "need", _NEEDS, _NEEDS[1])
LEVEL = Characteristic("Highest level of intervention", "level", LEVELS, LEVELS[2])
AGE = Characteristic(
    "Age at closure",
    "age_band",
    (_AGES[0], *(f"Aged {label[0].lower()}{label[1:]}" for label in _AGES[1:]), "Age not known"),
    f"Aged {_AGES[3]}",
)
SEX = Characteristic("Sex", "sex", ("Male", "Female", "Sex not known, or unborn"), "Female")
ETHNICITY = Characteristic(
    "Ethnic group", "ethnic_group", (*tuple(grouped("ethnicity", "group"))[:-1], "Ethnic group not known"), "White"
)
DISABILITY = Characteristic(
    "Disability", "has_disability", ("No disability recorded", "Disability recorded"), "No disability recorded"
)
EARLIER = Characteristic(
    "Earlier referrals",
    "earlier_referrals",
    tuple(f"{count} in the five years before" for count in ("None", "1", "2", "3 or more")),
    "None in the five years before",
)
CHARACTERISTICS = (NEED, LEVEL, AGE, SEX, ETHNICITY, DISABILITY, EARLIER)
FACTORS = "Factor identified"
ALL_CLOSURES = "Total"
#: The condition that puts a case into each factor, of which it can have several.
FACTOR_MEMBERS: dict[str, Any] = dict(FACTOR.members)
NO_FACTOR = "No factor"
FACTOR_MEMBERS[NO_FACTOR] = ~HAS_ANY


def _topics(*characteristics: Characteristic) -> dict[str, str]:
    return {category: each.topic for each in characteristics for category in each.categories}


_BREAKDOWN = _topics(*CHARACTERISTICS) | dict.fromkeys(FACTOR_MEMBERS, FACTORS)
BREAKDOWN = Filter(
    "breakdown",
    "Closed cases by what was known at closure",
    tuple(_BREAKDOWN),
    total=ALL_CLOSURES,
    needs={LOOKED_AFTER: "looked_after"},
    topics=_BREAKDOWN,
    topic_column="breakdown_topic",
)
SINCE_CLOSURE = Filter(
    "months_since_closure",
    "Months since closure",
    tuple(f"{month} month{'' if month == 1 else 's'}" for month in MONTHS),
    total=None,
    default="12 months",
)
MONTH = dict(zip(MONTHS, SINCE_CLOSURE.categories, strict=True))
ONE_YEAR, SIX_YEARS = MONTH[12], MONTH[12 * YEARS_FOLLOWED]

CLOSED = Count("closed_case_count", "Number of cases closed in the six years")
REREFERRED = Count("rereferred_count", "Number of those re-referred by the end of the six years")
REREFERRED_RATE = Rate(
    "rereferred_percent",
    "Percentage re-referred by the end of the six years, however long they were followed",
    numerator=REREFERRED,
    denominator=CLOSED,
)


def _with_limits(
    name: str, label: str, of: Count | None, numerator: Count, places: int = 1, unit: str = "%"
) -> tuple[Estimate, ...]:
    """An estimate and the limits of its 95% interval."""
    named = {name: label, f"{name}_lower": f"{label}, lower 95% limit", f"{name}_upper": f"{label}, upper 95% limit"}
    return tuple(Estimate(each, text, places, unit, of, numerator) for each, text in named.items())


AT_RISK = Count("at_risk_count", "Number of cases still followed and not re-referred before this time")
BY_THEN = Count("rereferred_count", "Number of cases re-referred by this time")
PROBABILITY, LOWER, UPPER = _with_limits("probability", "Probability of re-referral by this time", CLOSED, BY_THEN)
BAND_LOWER = Estimate(
    "probability_band_lower", "Lower limit of a 95% band for the whole curve", of=CLOSED, numerator=BY_THEN
)
BAND_UPPER = Estimate(
    "probability_band_upper", "Upper limit of a 95% band for the whole curve", of=CLOSED, numerator=BY_THEN
)
BEFORE_ADULT = Estimate(
    "probability_before_18", "Probability of re-referral before the 18th birthday", of=CLOSED, numerator=BY_THEN
)
ADULT = Estimate("probability_of_18", "Probability of reaching 18 without a re-referral", of=CLOSED, numerator=BY_THEN)

YEAR_PROBABILITY, YEAR_LOWER, YEAR_UPPER = _with_limits(
    "probability_12_months", "Probability of re-referral within 12 months", CLOSED, REREFERRED
)
FULL_PROBABILITY, FULL_LOWER, FULL_UPPER = _with_limits(
    "probability_6_years", "Probability of re-referral within six years", CLOSED, REREFERRED
)
YEAR_BEFORE_ADULT = Estimate(
    "probability_12_months_before_18",
    "Probability of re-referral within 12 months and before 18",
    of=CLOSED,
    numerator=REREFERRED,
)
FULL_BEFORE_ADULT = Estimate(
    "probability_6_years_before_18",
    "Probability of re-referral within six years and before 18",
    of=CLOSED,
    numerator=REREFERRED,
)
MEAN_DAYS, MEAN_LOWER, MEAN_UPPER = _with_limits(
    "mean_days", "Mean days without a re-referral in the first six years", None, REREFERRED, places=0, unit=""
)

AS_PUBLISHED = "As published"
AT_18, WITH_NFA, TO_TRANSFER, NOT_SAME_DAY = (
    "Reaching 18 counts as another outcome",
    "Referrals without further action are followed from the referral",
    "Cases that move to another authority are followed until then",
    "Cases re-referred on the day of closure are left out",
)
RULE = Filter(
    "rule",
    "How closed cases are followed",
    (AS_PUBLISHED, AT_18, WITH_NFA, TO_TRANSFER, NOT_SAME_DAY),
    total=None,
    default=AS_PUBLISHED,
)

_PREDICTORS = _topics(*CHARACTERISTICS)
PREDICTOR = Filter(
    "predictor",
    "What was known of the case at closure",
    tuple(_PREDICTORS),
    total=None,
    default=NEED.reference,
    needs={LOOKED_AFTER: "looked_after"},
    topics=_PREDICTORS,
    topic_column="predictor_topic",
)
HAZARD_RATIO, RATIO_LOWER, RATIO_UPPER = _with_limits(
    "hazard_ratio", "Hazard ratio of re-referral, all else alike", None, REREFERRED, places=2, unit=""
)
FIRST_YEAR_RATIO = Estimate(
    "hazard_ratio_first_year", "Hazard ratio in the first 12 months", 2, "", numerator=REREFERRED
)
LATER_RATIO = Estimate("hazard_ratio_later", "Hazard ratio after the first 12 months", 2, "", numerator=REREFERRED)
PROPORTIONAL_P = Estimate("proportional_p", "Chance of so large a difference between the two if there were none", 3, "")

TENTHS = ("Lowest", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Highest")
RISK = Filter(
    "predicted_risk", "Cases by their predicted probability", tuple(f"{tenth} tenth" for tenth in TENTHS), total="Total"
)
HELD_OUT = Count("closed_case_count", "Number of cases closed in the year")
HELD_OUT_REREFERRED = Count("rereferred_count", "Number of those re-referred within 12 months")
PREDICTED = Estimate("predicted_percent", "Predicted percentage re-referred within 12 months", of=HELD_OUT)
OBSERVED, OBSERVED_LOWER, OBSERVED_UPPER = _with_limits(
    "observed_percent", "Observed percentage re-referred within 12 months", HELD_OUT, HELD_OUT_REREFERRED
)
CONCORDANCE = Estimate(
    "concordance", "Share of pairs in which the case with the higher prediction returned first", 2, ""
)

DEFINITIONS = (
    Definition(
        "Likelihood of re-referral over time",
        "How likely the closure of a case is to have been followed by another referral of the child, by each time "
        "after it.",
        f"Every case that closed in {YEARS_FOLLOWED} years is followed from its closure to the first referral of the "
        f"child on that day or later. Following ends without one at the end of the {YEARS_FOLLOWED} years, at death, "
        "or at the 18th birthday. A referral without further action counts only if it has a date of closure. "
        "Probabilities are Kaplan–Meier estimates, or where reaching 18 is another outcome Aalen–Johansen estimates. "
        "What is known of a case is what the return of the year of its closure says. A child can have several cases, "
        "so errors sum the influence of each case within a child; where there are very many children, this is done for "
        "a sample of them.",
        ("M23",),
        also=("probability within 12 months",),
    ),
    Definition(
        "Kaplan–Meier estimate",
        "An estimate of a share that allows for cases that could not be followed to the end.",
        "The share not re-referred is multiplied, day by day, by the share of those still followed who are not "
        "re-referred on that day. Re-referrals go before all else on a day.",
        ("M23",),
        also=("Kaplan–Meier estimates",),
    ),
    Definition(
        "Aalen–Johansen estimate",
        "An estimate like that of Kaplan and Meier where there is more than one outcome: here, reaching 18 is another.",
        numbers=("M23",),
    ),
    Definition(
        "Hazard ratio",
        "How many times as often cases of a group are followed by a re-referral as those of the reference group, all "
        "else alike.",
        "From a Cox proportional hazards model with need, level, age, sex, ethnic group, disability and number of "
        "earlier referrals, fitted to counts of cases by these and by day. Factors are not in it, since a case can "
        "have many, nor are authorities. Whether a ratio changes with time is tested by fitting the first 12 months "
        "and the time after apart.",
        ("M23",),
        also=("hazard ratios", "ratio", "ratios", "times as often"),
    ),
)
