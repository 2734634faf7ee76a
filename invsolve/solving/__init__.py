"""The machinery of `solve`: the loop, its observers, its checkpoints and its solution."""
