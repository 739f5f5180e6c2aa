"""Scores on held-out text, and its overlap with the training text."""
