"""`invsolve deblur`: from a photograph to a run folder."""
