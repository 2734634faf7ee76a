"""Priors with dense covariances: exact for small videos."""
