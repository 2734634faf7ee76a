"""Parts of invsolve as classes of deepinv."""
