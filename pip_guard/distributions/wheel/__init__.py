"""Read wheels without unpacking them."""
