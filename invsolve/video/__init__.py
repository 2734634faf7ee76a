"""Videos as tensors: their space, size, light and labels."""
