"""Look up advisories about releases: in OSV's API, a mirror of it, or a local export (https://osv.dev)."""
