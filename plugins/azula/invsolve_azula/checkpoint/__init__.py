"""Checkpoints: the converted file, and what is read of the originals."""
