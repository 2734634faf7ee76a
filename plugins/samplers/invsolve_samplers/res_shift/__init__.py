"""ResShift: a chain that shifts the residual between two pictures."""
