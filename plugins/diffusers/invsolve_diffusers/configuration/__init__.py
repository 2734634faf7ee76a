"""The configuration files of a checkpoint: what each field says of the model, and what only of diffusers' sampler."""
