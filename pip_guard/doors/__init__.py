"""Open and close the doors through which pip is entered; one module a door."""
