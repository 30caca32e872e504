"""A census that is made up: child-level returns, of no child, that count to published figures (M01-M07, M12, M13).

`targets` says what each authority's year must count to, `children` draws what a child is, `history` when children are
referred, `journeys` what follows, and `families` runs them for authorities that succeed one another. `returns` and
`pupils` read off what each return says, and the school census. `calibrate` fits the parameters to what `measure` shows.
"""

from rereferrals.census.synthetic.store import synthesise

__all__ = ["synthesise"]
