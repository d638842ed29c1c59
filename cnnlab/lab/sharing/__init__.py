"""Links by which somebody without an account looks at one thing of a workspace, and no other."""
