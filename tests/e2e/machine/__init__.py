"""A machine that changes a workspace at random, runs commands in it, and knows what they may install."""
