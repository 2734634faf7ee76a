"""Objects of deepinv, held so that the contracts of invsolve can be kept with them."""
