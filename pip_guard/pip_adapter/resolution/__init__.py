"""Watch pip resolve, fetch and unpack."""
