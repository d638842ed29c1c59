"""The corner of the header that says who is signed in: their workspaces, and signing out."""
