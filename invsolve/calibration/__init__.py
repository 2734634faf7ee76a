"""Simulation-based calibration: are the samples of a sampler those of the posterior?"""
