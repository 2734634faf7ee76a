"""What `solve` owns: the loop, its observers, its checkpoints and what comes out."""
