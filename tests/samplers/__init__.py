"""Samplers against closed forms."""
