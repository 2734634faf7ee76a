"""Weights on top of a checkpoint's: low-rank adapters (LoRA), merged or trained."""
