"""The priors: checkpoints of diffusers behind invsolve's contract."""
