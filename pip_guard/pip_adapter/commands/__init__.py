"""Hold the guarded subclasses of pip's commands, one module each, loaded by pip when it needs them."""
