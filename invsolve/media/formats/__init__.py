"""One decoder per picture format: what a file stores, and what it says that its numbers mean."""
