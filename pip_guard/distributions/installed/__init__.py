"""Look at what is installed already. Nothing that lies there is run, imported or believed."""
