"""Know who runs this, where, and what may be imported or read."""
