"""What the pages of the book are called, and what is on them."""

#: Page → its title and what is on it, in the order of the book.
CONTENTS = {
    "referrals": ("Referrals and re-referrals", "the figures behind these headlines, with charts"),
    "durations": (
        "Duration of episodes of need",
        "how long cases stay open, after a first referral and after a re-referral",
    ),
    "characteristics": (
        "Characteristics of children referred",
        "sex, age, ethnic group, disability, free school meals and special educational needs",
    ),
    "factors": (
        "Factors identified at the end of assessment",
        "what assessments find in re-referrals, and in the referrals before them",
    ),
    "journeys": ("Journeys through social care", "how far referrals go, and what comes next"),
    "regional": (
        "Regions and local authorities",
        "how rates of referral and re-referral differ between places, and how that goes with deprivation",
    ),
    "ofsted": ("Ofsted judgements", "re-referrals in the years around inspections of local authorities"),
    "survival": (
        "Likelihood of re-referral over time",
        "how likely a re-referral is, and how soon, once a case has closed",
    ),
    "child_protection": ("Child protection over five years", "how many children had a plan"),
    "methodology": ("How the figures are made", "definitions, rounding and symbols"),
    "glossary": ("Glossary", "what words mean on these pages"),
    "about": ("About these statistics", "what kind they are, how they are produced, and their quality"),
}
