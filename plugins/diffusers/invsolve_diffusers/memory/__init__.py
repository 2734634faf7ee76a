"""The memory that a guided step takes, and the exact way of computing it that fits."""
