"""CogVideoX shown a blurred picture and told when each frame was exposed: its weights, and their training."""
