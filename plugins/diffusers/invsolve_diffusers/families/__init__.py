"""The families of video diffusion models that can be priors, one a file, and why others cannot."""
