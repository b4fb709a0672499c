"""Hold everything that knows pip; nothing else imports it."""
