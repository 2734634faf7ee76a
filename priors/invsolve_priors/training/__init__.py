"""Training of autoencoders and diffusion models, from the clips of any reader."""
