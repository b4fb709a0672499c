"""Read policies, and say what they decide."""
