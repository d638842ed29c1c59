"""Who does something, where and from where, and whether they may."""
