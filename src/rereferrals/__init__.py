"""Children in need: a focus on re-referrals, from census returns to a published release."""
