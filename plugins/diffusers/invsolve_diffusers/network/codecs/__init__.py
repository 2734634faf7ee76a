"""Calls of the autoencoders of diffusers: one kind a file."""
