"""The numbered versions of the database's tables, and the way from each to the next."""
