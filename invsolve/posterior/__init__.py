"""Inference from samples of a posterior: a verdict, intervals, modes, and one direction of time for all."""
