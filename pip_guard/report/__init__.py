"""Show findings: as text for people, as JSON for programs. Both write to standard error; standard output is pip's."""
