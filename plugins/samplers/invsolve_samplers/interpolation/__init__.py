"""Samplers that start from an answer instead of noise, and the optical flow that frame interpolation needs."""
