"""One row per referral, child or follow-up: the methodology lives here."""
