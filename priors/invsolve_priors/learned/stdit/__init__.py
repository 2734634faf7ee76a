"""The space-time diffusion transformer: configurations, network, and the prior made of it."""
