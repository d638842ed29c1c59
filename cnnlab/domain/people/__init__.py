"""Who may do what where: people, their roles in workspaces, quotas; no I/O, no clock."""
