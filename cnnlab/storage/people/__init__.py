"""The register: accounts, workspaces and their members, sessions, links, and who did what."""
