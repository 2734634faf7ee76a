"""Kernels: how to go one noise level down, one a file."""
