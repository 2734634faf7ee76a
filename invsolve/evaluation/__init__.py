"""A recipe over many clips: how good it is, how sure that is, and beside what."""
