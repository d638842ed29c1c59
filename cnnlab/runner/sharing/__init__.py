"""How the workspaces of an installation share one supervisor: whose turn it is, who is at rest."""
