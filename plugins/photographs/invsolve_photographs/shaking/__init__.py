"""Blurred photographs whose cause is known, made from sharp ones."""
