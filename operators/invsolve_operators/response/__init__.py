"""What camera responses share: curves, tables of curves, and saturation."""
