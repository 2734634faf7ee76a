"""Priors that are guided by their own condition: classifier-free guidance and its relatives."""
