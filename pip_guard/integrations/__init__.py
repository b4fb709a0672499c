"""Guard the ways of starting pip: shells, PATH, interpreters, pip's and uv's configuration."""
