"""People and workspaces as a page shows them: one's own, what each takes, who did what."""
