"""How much memory a guided step takes, and which exact way of computing it fits."""
