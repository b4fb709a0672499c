"""Look at a machine from outside, and find what starts pip. Nothing that is looked at is run."""
