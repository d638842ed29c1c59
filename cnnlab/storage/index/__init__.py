"""The database, its tables, and how they are made again from the folders."""
