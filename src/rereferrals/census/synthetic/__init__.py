"""A census that is made up: child-level returns, of no child, that count to published figures (M01-M07, M12, M13).

`targets` says what each authority's year must count to, `children` draws what a child is, `history` when children are
referred, `outcomes` what that comes to, `journeys` how, with `plans` and `factors`; `families` runs all of them for
authorities that succeed one another. `returns` and `pupils` read off what each return says, and what comes beside it.
`calibrate` fits parameters by what `measure` shows, and `raking` tables of `shares`, of which `quotas` are made.
"""

from rereferrals.census.synthetic.store import synthesise

__all__ = ["synthesise"]
