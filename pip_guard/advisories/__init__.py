"""Find out what is publicly known about releases: from OSV's API, a mirror of it, or a local export (https://osv.dev)."""
