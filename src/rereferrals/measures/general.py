"""What holds of all figures: where they come from, the year, the two methods, and words that need no measure."""

from rereferrals.model import Definition

DEFINITIONS = (
    Definition(
        "Children in need census",
        "The return that local authorities in England make each year: a record of every child who was referred to "
        "their children's social care services, or who was receiving help from them.",
    ),
    Definition(
        "Reporting year",
        "A year from 1 April to 31 March, named by the year in which it ends.",
        numbers=("M01",),
        also=("reporting years",),
    ),
    Definition(
        "Annual figures",
        "Figures that compare each local authority's return for the year with its return for the year before.",
        "Most figures are annual. They recognise a child by the identifier that the local authority gave it in both "
        "returns.",
        ("M02",),
        also=("annual method",),
    ),
    Definition(
        "Longitudinal figures",
        "Figures about what happens over several years, from the returns of all years joined together.",
        "They recognise a child within a local authority also where the identifier was changed or the local authority "
        "was reorganised. Because of this they differ slightly from the annual figures, and the two are never shown in "
        "one table. A case that was open at the end of a year is returned again the next year; it is one referral, and "
        "what the latest return says of it counts. Only the count of children with a plan over five years also follows "
        "children from one local authority to another, where both have the child's unique pupil number.",
        ("M03", "M25"),
    ),
    Definition(
        "Confidence interval",
        "A range that shows how far an estimate could be off by chance. A 95% interval is made in such a way that it "
        "holds the true value 95 times in 100.",
        also=("95% interval", "95% intervals"),
    ),
    Definition(
        "Percentage point",
        "The unit in which two percentages differ: 20 per cent and 22 per cent differ by 2 percentage points.",
        also=("percentage points",),
    ),
)
