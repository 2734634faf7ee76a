"""A recipe over many clips: how good it is, how certain that is, and compared with what."""
