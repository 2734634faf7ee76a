"""Closed forms of operators: the spectra that pseudo-inverses and proximal steps come from."""
