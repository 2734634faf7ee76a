"""How the autoencoders of diffusers are called: one kind a file."""
