"""What the chapter on the characteristics of children referred says and draws."""

from rereferrals.chart_model import Beside, Cells, Chart
from rereferrals.commentary.wording import a_further, higher_than, lower_than, same_year
from rereferrals.datasets.characteristics import B1, B2, B3, B4, B5, C1, C2
from rereferrals.measures.characteristics import (
    AGE,
    AGE_BANDS,
    AGE_SHARE,
    ANY_SEN_RATE,
    CHILD_STATUS,
    CHILDREN,
    DISABILITY_SHARE,
    DISABLED,
    ETHNIC_GROUPS,
    ETHNICITY,
    ETHNICITY_SHARE,
    FEMALE,
    FSM_RATE,
    FSM_UNKNOWN_RATE,
    MALE,
    NOT_REREFERRED,
    PLAN_RATE,
    REREFERRED,
    SEN_UNKNOWN_RATE,
    SEX_SHARE,
    STATUS_SHARE,
    SUPPORT_RATE,
    TEN_AND_OVER,
    UNDER_ONE_AND_UNBORN,
)
from rereferrals.model import Claim, Comparator

_, _, ONE_TO_FOUR, *OLDER_BANDS = AGE_BANDS
WHITE, ASIAN = ETHNIC_GROUPS[0], ETHNIC_GROUPS[2]
STATUS_NAMES = {NOT_REREFERRED: "Children not re-referred", REREFERRED: "Children re-referred"}

# Children

CHILDREN_BY_STATUS = Claim(
    "Of the {children:,} children referred in the year ending 31 March {children.year}, {rereferred:,} "
    "({share:.0f}%) were re-referred within 12 months of a previous referral.",
    children=B1.cell(CHILDREN),
    rereferred=B1.cell(CHILDREN, child_rereferred=REREFERRED),
    share=B1.cell(STATUS_SHARE, child_rereferred=REREFERRED),
)
WHO_IS_REREFERRED = Claim(
    "Compared with other children referred, those re-referred are more likely to be White, to be eligible for free "
    "school meals, and to have special educational needs.",
    white_again=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE, child_rereferred=REREFERRED),
    white_once=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE, child_rereferred=NOT_REREFERRED),
    meals_again=C1.cell(FSM_RATE, child_rereferred=REREFERRED),
    meals_once=C1.cell(FSM_RATE, child_rereferred=NOT_REREFERRED),
    needs_again=C2.cell(ANY_SEN_RATE, child_rereferred=REREFERRED),
    needs_once=C2.cell(ANY_SEN_RATE, child_rereferred=NOT_REREFERRED),
    true_if=tuple(higher_than(f"{fact}_again", f"{fact}_once") for fact in ("white", "meals", "needs")),
)

# Sex

SEX_OF_CHILDREN = Claim(
    "Of children referred in the year ending 31 March {male.year}, {male:.0f}% were male and {female:.0f}% female. "
    "Of those re-referred, {male_again:.0f}% were male and {female_again:.0f}% female.",
    male=B2.cell(SEX_SHARE, sex=MALE),
    female=B2.cell(SEX_SHARE, sex=FEMALE),
    male_again=B2.cell(SEX_SHARE, sex=MALE, child_rereferred=REREFERRED),
    female_again=B2.cell(SEX_SHARE, sex=FEMALE, child_rereferred=REREFERRED),
    true_if=(a_further("male", "female"), a_further("male_again", "female_again")),
)

# Age

UNDER_ONE = Claim(
    "The youngest children are less likely than others to be re-referred. Children under one, and those not yet born, "
    "made up {all:.0f}% of all children referred, but {again:.0f}% of those re-referred.",
    all=B3.cell(AGE_SHARE, age_group=UNDER_ONE_AND_UNBORN),
    again=B3.cell(AGE_SHARE, age_group=UNDER_ONE_AND_UNBORN, child_rereferred=REREFERRED),
    true_if=lower_than("again", "all"),
)
AGED_ONE_TO_FOUR = Claim(
    "Children aged one to four made up {all:.0f}% of all children referred and {again:.0f}% of those re-referred.",
    all=B3.cell(AGE_SHARE, age_group=ONE_TO_FOUR),
    again=B3.cell(AGE_SHARE, age_group=ONE_TO_FOUR, child_rereferred=REREFERRED),
)
TEN_AND_OVER_OVER_TIME = Claim(
    "The share of children aged ten and over has risen, from {first:.0f}% of children referred in the year ending "
    "31 March {first.year} to {latest:.0f}% in {latest.year}. Among children re-referred it has risen from "
    "{first_again:.0f}% to {latest_again:.0f}%.",
    first=B3.cell(AGE_SHARE, year="first", age_group=TEN_AND_OVER),
    latest=B3.cell(AGE_SHARE, age_group=TEN_AND_OVER),
    first_again=B3.cell(AGE_SHARE, year="first", age_group=TEN_AND_OVER, child_rereferred=REREFERRED),
    latest_again=B3.cell(AGE_SHARE, age_group=TEN_AND_OVER, child_rereferred=REREFERRED),
    true_if=(higher_than("latest", "first"), higher_than("latest_again", "first_again")),
)

# Ethnic group

WHITE_CHILDREN = Claim(
    "White children made up {again:.0f}% of children re-referred in the year ending 31 March {again.year}, a larger "
    "share than of children who were not re-referred ({once:.0f}%).",
    again=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE, child_rereferred=REREFERRED),
    once=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE, child_rereferred=NOT_REREFERRED),
    true_if=higher_than("again", "once"),
)
ASIAN_CHILDREN = Claim(
    "Asian or Asian British children made up a smaller share of children re-referred ({again:.0f}%) than of children "
    "who were not ({once:.0f}%).",
    again=B4.cell(ETHNICITY_SHARE, ethnicity_major=ASIAN, child_rereferred=REREFERRED),
    once=B4.cell(ETHNICITY_SHARE, ethnicity_major=ASIAN, child_rereferred=NOT_REREFERRED),
    true_if=lower_than("again", "once"),
)
WHITE_CHILDREN_OVER_TIME = Claim(
    "The share of White children has fallen, from {first:.0f}% of children referred in {first.year} to {latest:.0f}% "
    "in {latest.year}, and from {first_again:.0f}% of children re-referred to {latest_again:.0f}%.",
    first=B4.cell(ETHNICITY_SHARE, year="first", ethnicity_major=WHITE),
    latest=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE),
    first_again=B4.cell(ETHNICITY_SHARE, year="first", ethnicity_major=WHITE, child_rereferred=REREFERRED),
    latest_again=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE, child_rereferred=REREFERRED),
    true_if=(lower_than("latest", "first"), lower_than("latest_again", "first_again")),
)

# Disability

DISABLED_CHILDREN = Claim(
    "A disability was recorded for {again:.0f}% of children re-referred in the year ending 31 March {again.year}, and "
    "for {once:.0f}% of children who were not re-referred.",
    again=B5.cell(DISABILITY_SHARE, disability=DISABLED, child_rereferred=REREFERRED),
    once=B5.cell(DISABILITY_SHARE, disability=DISABLED, child_rereferred=NOT_REREFERRED),
)

# Free school meals

MEALS = Claim(
    "In {latest.year}, {latest:.0f}% of school-age children referred were eligible for free school meals. That is "
    "higher than the {pupils}% of all pupils.",
    latest=C1.cell(FSM_RATE),
    pupils=Comparator("pupils_meals"),
    true_if=(higher_than("latest", "pupils"), same_year("latest", "pupils")),
)
MEALS_EARLIER = Claim(
    "In {first.year}, {first:.0f}% of school-age children referred were eligible, and {pupils}% of all pupils.",
    first=C1.cell(FSM_RATE, year="first"),
    pupils=Comparator("pupils_meals_earlier"),
    true_if=same_year("first", "pupils"),
)
MEALS_BY_STATUS = Claim(
    "Eligibility is higher still among children re-referred: {again:.0f}% of them were eligible, compared with "
    "{once:.0f}% of children who were not re-referred.",
    again=C1.cell(FSM_RATE, child_rereferred=REREFERRED),
    once=C1.cell(FSM_RATE, child_rereferred=NOT_REREFERRED),
    true_if=higher_than("again", "once"),
)
MEALS_UNKNOWN = Claim(
    "Eligibility is not known for {unknown:.0f}% of school-age children referred in {unknown.year}, who are left out "
    "of these percentages.",
    unknown=C1.cell(FSM_UNKNOWN_RATE),
)

# Special educational needs

NEEDS = Claim(
    "In {any.year}, {any:.0f}% of school-age children referred had special educational needs: {plan:.0f}% had an "
    "education, health and care plan, and {support:.0f}% had support in school. That is higher than the {pupils}% of "
    "all pupils who had special educational needs.",
    any=C2.cell(ANY_SEN_RATE),
    pupils=Comparator("pupils_needs"),
    plan=C2.cell(PLAN_RATE),
    support=C2.cell(SUPPORT_RATE),
    true_if=(higher_than("any", "pupils"), same_year("any", "pupils")),
)
NEEDS_BY_STATUS = Claim(
    "Of children re-referred, {again:.0f}% had special educational needs, a higher share than of children who were "
    "not re-referred ({once:.0f}%).",
    again=C2.cell(ANY_SEN_RATE, child_rereferred=REREFERRED),
    once=C2.cell(ANY_SEN_RATE, child_rereferred=NOT_REREFERRED),
    true_if=higher_than("again", "once"),
)
NEEDS_UNKNOWN = Claim(
    "Whether a child has special educational needs is not known for {unknown:.0f}% of school-age children referred in "
    "{unknown.year}, who are left out of these percentages.",
    unknown=C2.cell(SEN_UNKNOWN_RATE),
)

# Charts

AGE_CHART = Chart(
    name="children_by_age",
    mark="dots",
    shows=Cells(
        B3,
        AGE_SHARE,
        rows=AGE,
        columns=CHILD_STATUS,
        row_names={band: band for band in (UNDER_ONE_AND_UNBORN, ONE_TO_FOUR, *OLDER_BANDS)},
        column_names=STATUS_NAMES,
    ),
    category_title="Age on 31 March",
    value_title="Percentage of children",
    title=Claim(
        "Children under one make up a smaller share of children re-referred than of other children referred",
        again=B3.cell(AGE_SHARE, age_group=UNDER_ONE_AND_UNBORN, child_rereferred=REREFERRED),
        once=B3.cell(AGE_SHARE, age_group=UNDER_ONE_AND_UNBORN, child_rereferred=NOT_REREFERRED),
        true_if=lower_than("again", "once"),
    ),
    subtitle=Claim(
        "Percentage of children re-referred, and of children referred and not re-referred, by age, England, year "
        "ending 31 March {latest.year}",
        latest=B3.cell(AGE_SHARE, age_group=TEN_AND_OVER),
    ),
    alt=Claim(
        "Dot plot by age: children under one and not yet born are {again}% of children re-referred and {once}% of "
        "children not re-referred; those aged ten and over, {older_again}% and {older_once}%.",
        again=B3.cell(AGE_SHARE, age_group=UNDER_ONE_AND_UNBORN, child_rereferred=REREFERRED),
        once=B3.cell(AGE_SHARE, age_group=UNDER_ONE_AND_UNBORN, child_rereferred=NOT_REREFERRED),
        older_again=B3.cell(AGE_SHARE, age_group=TEN_AND_OVER, child_rereferred=REREFERRED),
        older_once=B3.cell(AGE_SHARE, age_group=TEN_AND_OVER, child_rereferred=NOT_REREFERRED),
    ),
)
ETHNICITY_CHART = Chart(
    name="children_by_ethnic_group",
    mark="dots",
    shows=Cells(B4, ETHNICITY_SHARE, rows=ETHNICITY, columns=CHILD_STATUS, column_names=STATUS_NAMES),
    category_title="Ethnic group",
    value_title="Percentage of children",
    title=Claim(
        "White children make up a larger share of children re-referred than of other children referred",
        again=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE, child_rereferred=REREFERRED),
        once=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE, child_rereferred=NOT_REREFERRED),
        true_if=higher_than("again", "once"),
    ),
    subtitle=Claim(
        "Percentage of children re-referred, and of children referred and not re-referred, by ethnic group, England, "
        "year ending 31 March {latest.year}",
        latest=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE),
    ),
    alt=Claim(
        "Dot plot by ethnic group: White children are {again}% of children re-referred and {once}% of children not "
        "re-referred; Asian or Asian British children, {asian_again}% and {asian_once}%.",
        again=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE, child_rereferred=REREFERRED),
        once=B4.cell(ETHNICITY_SHARE, ethnicity_major=WHITE, child_rereferred=NOT_REREFERRED),
        asian_again=B4.cell(ETHNICITY_SHARE, ethnicity_major=ASIAN, child_rereferred=REREFERRED),
        asian_once=B4.cell(ETHNICITY_SHARE, ethnicity_major=ASIAN, child_rereferred=NOT_REREFERRED),
    ),
    order=STATUS_NAMES[REREFERRED],
)
MEALS_CHART = Chart(
    name="free_school_meals",
    mark="line",
    shows={name: C1.series(FSM_RATE, child_rereferred=status) for status, name in STATUS_NAMES.items()},
    category_title="Year ending 31 March",
    value_title="Percentage of children",
    title=Claim(
        "Children re-referred are the most likely to be eligible for free school meals",
        again=C1.cell(FSM_RATE, child_rereferred=REREFERRED),
        once=C1.cell(FSM_RATE, child_rereferred=NOT_REREFERRED),
        pupils=Comparator("pupils_meals"),
        true_if=(higher_than("again", "once"), higher_than("again", "pupils"), same_year("again", "pupils")),
    ),
    subtitle=Claim(
        "Percentage of school-age children referred who were eligible for free school meals, of those whose "
        "eligibility is known, and of all pupils, England, years ending 31 March {first.year} to {latest.year}",
        first=C1.cell(FSM_RATE, year="first"),
        latest=C1.cell(FSM_RATE),
    ),
    alt=Claim(
        "Line chart: of children re-referred, {first_again}% were eligible in {first_again.year} and {again}% in "
        "{again.year}; of children not re-referred, {first_once}% and {once}%; of all pupils, {earlier}% in "
        "{earlier.year} and {pupils}% in {pupils.year}.",
        first_again=C1.cell(FSM_RATE, year="first", child_rereferred=REREFERRED),
        again=C1.cell(FSM_RATE, child_rereferred=REREFERRED),
        first_once=C1.cell(FSM_RATE, year="first", child_rereferred=NOT_REREFERRED),
        once=C1.cell(FSM_RATE, child_rereferred=NOT_REREFERRED),
        earlier=Comparator("pupils_meals_earlier"),
        pupils=Comparator("pupils_meals"),
    ),
    beside=(Beside("All pupils", (Comparator("pupils_meals_earlier"), Comparator("pupils_meals"))),),
)
NEEDS_CHART = Chart(
    name="special_educational_needs",
    mark="bar",
    shows={name: C2.cell(ANY_SEN_RATE, child_rereferred=status) for status, name in STATUS_NAMES.items()},
    category_title="Children",
    value_title="Percentage of children",
    title=Claim(
        "Children referred are more likely than other pupils to have special educational needs",
        any=C2.cell(ANY_SEN_RATE),
        pupils=Comparator("pupils_needs"),
        true_if=(higher_than("any", "pupils"), same_year("any", "pupils")),
    ),
    subtitle=Claim(
        "Percentage of school-age children referred who had special educational needs, of those of whom this is "
        "known, and of all pupils, England, year ending 31 March {latest.year}",
        latest=C2.cell(ANY_SEN_RATE),
    ),
    alt=Claim(
        "Bar chart: {again}% of children re-referred and {once}% of children not re-referred had special educational "
        "needs in {again.year}, beside {pupils}% of all pupils.",
        again=C2.cell(ANY_SEN_RATE, child_rereferred=REREFERRED),
        once=C2.cell(ANY_SEN_RATE, child_rereferred=NOT_REREFERRED),
        pupils=Comparator("pupils_needs"),
    ),
    beside=(Beside("All pupils", (Comparator("pupils_needs"),)),),
)

CHARTS = (AGE_CHART, ETHNICITY_CHART, MEALS_CHART, NEEDS_CHART)
