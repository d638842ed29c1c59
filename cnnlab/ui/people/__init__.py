"""The People page: members of a workspace; for admins accounts, workspaces and the audit."""
