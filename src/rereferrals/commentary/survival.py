"""What the chapter on the time from closure to the next referral says and draws."""

from collections.abc import Mapping

from rereferrals.chart_model import Cells, Chart
from rereferrals.commentary.journeys import LEVEL_NAMES as LEVEL_TITLES
from rereferrals.commentary.wording import above, below, higher_than, highest_of, little_changed, lower_than
from rereferrals.datasets.survival import H1, H1_RULES, H1_SUMMARY, H2, H2_HELD_OUT
from rereferrals.measures import survival as measures
from rereferrals.measures.journeys import LEVELS
from rereferrals.measures.survival import (
    AGE,
    BREAKDOWN,
    EARLIER,
    ETHNICITY,
    FULL_BEFORE_ADULT,
    FULL_LOWER,
    FULL_PROBABILITY,
    FULL_UPPER,
    HAZARD_RATIO,
    LATER_RATIO,
    MEAN_DAYS,
    MONTH,
    NEED,
    NOT_SAME_DAY,
    PREDICTOR,
    PROBABILITY,
    RATIO_LOWER,
    RATIO_UPPER,
    REREFERRED_RATE,
    RISK,
    SINCE_CLOSURE,
    TO_TRANSFER,
    WITH_NFA,
    YEAR_PROBABILITY,
)
from rereferrals.model import Claim, Estimate, Figure

NO_ACTION, NOT_IN_NEED, IN_NEED, _, _, PLAN, LOOKED_AFTER = LEVELS
ALL = measures.ALL_CLOSURES
LEVEL_NAMES = {
    NO_ACTION: "After no further action",
    IN_NEED: "After work as a child in need",
    PLAN: "After a child protection plan",
    LOOKED_AFTER: "After being looked after",
}
PREDICTOR_NAMES = {
    category: LEVEL_TITLES.get(category, category.partition(" - ")[2] or category)
    for category in PREDICTOR.categories
    if category != AGE.categories[-1]
}
#: Monthly for a year, then by quarters: enough for a curve to be smooth and its table to be read.
CHARTED = {name: name for month, name in MONTH.items() if month <= 12 or month % 3 == 0}
MOST_EARLIER, FEWEST_EARLIER = EARLIER.categories[-1], EARLIER.reference
ASIAN = ETHNICITY.categories[2]
LOWEST, HIGHEST = RISK.categories[0], RISK.categories[-1]


def _within_a_year(category: str = ALL) -> Figure:
    return H1_SUMMARY.cell(YEAR_PROBABILITY, breakdown=category)


def _by_month(month: int) -> Figure:
    return H1.cell(PROBABILITY, months_since_closure=MONTH[month])


def _ratio(category: str) -> Mapping[str, Figure]:
    cells = {"ratio": HAZARD_RATIO, "low": RATIO_LOWER, "high": RATIO_UPPER}
    return {name: H2.cell(indicator, predictor=category) for name, indicator in cells.items()}


def _by_rule(rule: str, indicator: Estimate = YEAR_PROBABILITY) -> Figure:
    return H1_RULES.cell(indicator, rule=rule)


# How likely, and when

HOW_LIKELY = Claim(
    "Of cases closed in the six years ending 31 March {within.year}, an estimated {within:.0f}% are followed by a "
    "re-referral of the child within 12 months, and {full:.0f}% within six years.",
    within=_within_a_year(),
    full=H1_SUMMARY.cell(FULL_PROBABILITY),
)
SO_FAR = Claim(
    "By the end of those six years {share:.0f}% of these cases had been followed by one. The estimate for six years is "
    "higher, because most cases have been followed for a shorter time.",
    share=H1_SUMMARY.cell(REREFERRED_RATE),
    full=H1_SUMMARY.cell(FULL_PROBABILITY),
    true_if=lower_than("share", "full"),
)
EARLY = Claim(
    "Many re-referrals come early. The probability is {month}% after one month, {quarter}% after three, {within}% "
    "after 12 months and {two}% after two years: the first year adds more than all five that follow.",
    month=_by_month(1),
    quarter=_by_month(3),
    within=_by_month(12),
    two=_by_month(24),
    later=_by_month(72) - _by_month(12),
    true_if=higher_than("within", "later"),
)
MEAN_TIME = Claim(
    "On average, {days:,} days of the first six years after closure pass without a re-referral.",
    days=H1_SUMMARY.cell(MEAN_DAYS),
)
BEFORE_ADULT = Claim(
    "Children leave these figures when they become adults. If that is taken as another outcome, an estimated "
    "{before:.0f}% of cases are followed by a re-referral within six years and before the child is an adult.",
    before=H1_SUMMARY.cell(FULL_BEFORE_ADULT),
)
LITTLE_CHANGED = Claim(
    "The probability within 12 months has changed little: it was {first}% for cases closed in the six years ending "
    "31 March {first.year}, and {latest}% for those ending in {latest.year}.",
    first=H1_SUMMARY.cell(YEAR_PROBABILITY, year="first"),
    latest=_within_a_year(),
    true_if=little_changed("first", "latest", within=1),
)
PRECISION = Claim(
    "So many cases are counted that chance plays a small part: the 95% interval of the probability within six years is "
    "{low}% to {high}%.",
    low=H1_SUMMARY.cell(FULL_LOWER),
    high=H1_SUMMARY.cell(FULL_UPPER),
    width=H1_SUMMARY.cell(FULL_UPPER) - H1_SUMMARY.cell(FULL_LOWER),
    true_if=below("width", 5),
)

# For whom

_AT_LEVELS = {
    "looked_after": _within_a_year(LOOKED_AFTER),
    "plan": _within_a_year(PLAN),
    "none": _within_a_year(NO_ACTION),
    "in_need": _within_a_year(IN_NEED),
}
BY_LEVEL = Claim(
    "Re-referrals are most likely where the child was looked after: {looked_after:.0f}% of those cases are followed by "
    "one within 12 months. After work as a child in need it is {in_need:.0f}%. They are less likely after a child "
    "protection plan ({plan:.0f}%) and after no further action ({none:.0f}%).",
    **_AT_LEVELS,
    **{f"level_{place}": _within_a_year(level) for place, level in enumerate(LEVELS[:-1])},
    true_if=(
        highest_of("looked_after", *(f"level_{place}" for place in range(len(LEVELS) - 1))),
        lower_than("plan", "in_need"),
        lower_than("none", "in_need"),
    ),
)
BY_EARLIER = Claim(
    "Of cases of children with three or more earlier referrals in five years, {most:.0f}% are followed by another "
    "within 12 months, compared with {none:.0f}% where there was no earlier one.",
    most=_within_a_year(MOST_EARLIER),
    none=_within_a_year(FEWEST_EARLIER),
    true_if=higher_than("most", "none"),
)

# All else alike

RATIO_BY_EARLIER = Claim(
    "All else alike, cases with three or more earlier referrals are followed by a re-referral {ratio} times as often "
    "as those with none (95% interval: {low} to {high}).",
    **_ratio(MOST_EARLIER),
    true_if=above("low", 1),
)
RATIO_BY_ETHNICITY = Claim(
    "Cases of Asian or Asian British children are followed by one {ratio} times as often as those of White children, "
    "which is less often (95% interval: {low} to {high}).",
    **_ratio(ASIAN),
    true_if=below("high", 1),
)
RATIOS_CHANGE = Claim(
    "The ratios are averages over six years, and some differences do not last. Cases closed without further action "
    "have a ratio of {early} to those of children in need in the first 12 months, and of {late} after that.",
    early=H2.cell(measures.FIRST_YEAR_RATIO, predictor=NO_ACTION),
    late=H2.cell(LATER_RATIO, predictor=NO_ACTION),
    true_if=(below("early", 1), lower_than("early", "late")),
)

# How far the model can be trusted

FORETOLD = Claim(
    "Fitted to cases closed in the four years before, the model foretold that {predicted}% of cases closed in the year "
    "ending 31 March {predicted.year} would be followed by a re-referral within 12 months. It was {observed}%.",
    predicted=H2_HELD_OUT.cell(measures.PREDICTED),
    observed=H2_HELD_OUT.cell(measures.OBSERVED),
    true_if=little_changed("predicted", "observed", within=1.5),
)
TENTHS = Claim(
    "In the tenth of cases with the lowest predictions it was {lowest:.0f}%, and in the tenth with the highest "
    "{highest:.0f}%.",
    lowest=H2_HELD_OUT.cell(measures.OBSERVED, predicted_risk=LOWEST),
    highest=H2_HELD_OUT.cell(measures.OBSERVED, predicted_risk=HIGHEST),
    true_if=higher_than("highest", "lowest"),
)
CONCORDANCE = Claim(
    "What is known at closure tells little about a single case: of two cases, the one that returned first had the "
    "higher prediction in a share of {concordance} of pairs, where chance alone would give a half.",
    concordance=H2_HELD_OUT.cell(measures.CONCORDANCE),
    true_if=(above("concordance", 0.5), below("concordance", 0.65)),
)
RULES = Claim(
    "The probability within 12 months would be {nfa}% if referrals without further action were followed from their "
    "referral, {transfer}% if following ended where a case moves to another authority, and {same_day}% if cases "
    "re-referred on the day of closure were left out, in place of {published}%.",
    published=_by_rule(measures.AS_PUBLISHED),
    nfa=_by_rule(WITH_NFA),
    transfer=_by_rule(TO_TRANSFER),
    same_day=_by_rule(NOT_SAME_DAY),
)

_OF_CASES = "Estimated percentage of closed cases followed by a re-referral"
CURVE = Chart(
    name="probability_of_rereferral",
    mark="curve",
    shows=Cells(
        H1,
        PROBABILITY,
        rows=SINCE_CLOSURE,
        columns=BREAKDOWN,
        row_names=CHARTED,
        column_names={ALL: "All closed cases"},
        bounds=(measures.BAND_LOWER, measures.BAND_UPPER),
    ),
    category_title="Months since closure",
    value_title="Percentage re-referred",
    title=Claim(
        "Most of what six years bring comes in the first",
        within=_by_month(12),
        later=_by_month(72) - _by_month(12),
        true_if=higher_than("within", "later"),
    ),
    subtitle=Claim(
        f"{_OF_CASES}, by months since closure, with a 95% interval for the whole curve, England, cases closed in the "
        "six years ending 31 March {within.year}",
        within=_by_month(12),
    ),
    alt=Claim(
        "Curves of estimated probabilities: the percentage re-referred rises steeply to {within}% 12 months after "
        "closure, then ever more slowly to {full}% after six years.",
        within=_by_month(12),
        full=_by_month(72),
    ),
)
CURVES_BY_LEVEL = Chart(
    name="probability_by_level",
    mark="curve",
    shows=Cells(
        H1,
        PROBABILITY,
        rows=SINCE_CLOSURE,
        columns=BREAKDOWN,
        row_names=CHARTED,
        column_names=LEVEL_NAMES,
        bounds=(measures.LOWER, measures.UPPER),
    ),
    category_title="Months since closure",
    value_title="Percentage re-referred",
    title=Claim(
        "Re-referrals are most likely where the child was looked after",
        **BY_LEVEL.figures,
        true_if=BY_LEVEL.conditions,
    ),
    subtitle=Claim(
        f"{_OF_CASES}, by months since closure and the highest level of intervention, each with its 95% interval, "
        "England, cases closed in the six years ending 31 March {within.year}",
        within=_by_month(12),
    ),
    alt=Claim(
        "Curves of estimated probabilities: 12 months after closure {looked_after}% are re-referred after being "
        "looked after, {in_need}% after work as a child in need, {plan}% after a child protection plan and {none}% "
        "after no further action.",
        true_if=(),
        **_AT_LEVELS,
    ),
)
BY_NEED = Chart(
    name="probability_by_need",
    mark="dots",
    shows=Cells(
        H1_SUMMARY,
        {"Within 12 months": YEAR_PROBABILITY, "Within six years": FULL_PROBABILITY},
        rows=BREAKDOWN,
        row_names={need: need.partition(" - ")[2] for need in NEED.categories},
    ),
    category_title="Primary need",
    value_title="Estimated percentage of closed cases",
    order="Within 12 months",
    title=Claim(
        "How likely a re-referral is within 12 months and six years, by primary need",
    ),
    subtitle=Claim(
        f"{_OF_CASES} within 12 months and six years of closure, by primary need, England, cases closed in the six "
        "years ending 31 March {within.year}",
        within=_within_a_year(),
    ),
    alt=Claim(
        "Dot plot: where the primary need was abuse or neglect, {within}% are followed by a re-referral within 12 "
        "months and {full}% within six years.",
        within=_within_a_year(NEED.reference),
        full=H1_SUMMARY.cell(FULL_PROBABILITY, breakdown=NEED.reference),
    ),
)
RATIOS = Chart(
    name="hazard_ratios",
    mark="ratios",
    shows=Cells(
        H2,
        {"Hazard ratio": HAZARD_RATIO, "Lower limit": RATIO_LOWER, "Upper limit": RATIO_UPPER},
        rows=PREDICTOR,
        row_names=PREDICTOR_NAMES,
    ),
    category_title="What was known at closure",
    value_title="Times as often as the reference, on a logarithmic scale",
    title=Claim("How much more often some cases are followed by a re-referral than others, all else alike"),
    subtitle=Claim(
        "Hazard ratios of re-referral, each with its 95% interval and adjusted for all the others, England, cases "
        "closed in the six years ending 31 March {ratio.year}",
        ratio=H2.cell(HAZARD_RATIO, predictor=MOST_EARLIER),
    ),
    alt=Claim(
        "Dot plot of ratios: compared with a reference group each, cases where the child was looked after are followed "
        "by a re-referral {looked_after} times as often, those with three or more earlier referrals {earlier} times.",
        looked_after=H2.cell(HAZARD_RATIO, predictor=LOOKED_AFTER),
        earlier=H2.cell(HAZARD_RATIO, predictor=MOST_EARLIER),
    ),
)
FORETOLD_CHART = Chart(
    name="predicted_and_observed",
    mark="dots",
    shows=Cells(H2_HELD_OUT, {"Predicted": measures.PREDICTED, "Observed": measures.OBSERVED}, rows=RISK),
    category_title="Cases by their prediction",
    value_title="Percentage re-referred within 12 months",
    title=Claim(
        "Cases that the model thought likelier to return did so more often",
        **TENTHS.figures,
        true_if=TENTHS.conditions,
    ),
    subtitle=Claim(
        "Predicted and observed percentage re-referred within 12 months, in tenths of cases by their prediction, "
        "England, cases closed in the year ending 31 March {observed.year}",
        observed=H2_HELD_OUT.cell(measures.OBSERVED),
    ),
    alt=Claim(
        "Dot plot: from the tenth of cases with the lowest predictions to that with the highest, the percentage "
        "observed goes from {lowest}% to {highest}%.",
        true_if=(),
        **TENTHS.figures,
    ),
)

CHARTS = (CURVE, CURVES_BY_LEVEL, BY_NEED, RATIOS, FORETOLD_CHART)
