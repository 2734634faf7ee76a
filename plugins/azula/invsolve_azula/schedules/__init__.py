"""azula's noise schedules as schedules of invsolve."""
