"""Read what indexes say about projects and files."""
