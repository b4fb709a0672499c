"""Made-up histories of a workspace: random changes, commands run in between, and a model that knows what these may install."""
