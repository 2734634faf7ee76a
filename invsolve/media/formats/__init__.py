"""One decoder per picture format: the stored numbers and their declared meaning."""
