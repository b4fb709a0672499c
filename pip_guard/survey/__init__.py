"""Look at a machine from outside, and find the doors through which pip is entered; nothing that is looked at is run."""
