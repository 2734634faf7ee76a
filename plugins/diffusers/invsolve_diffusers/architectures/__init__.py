"""The smallest sizes of each family."""
