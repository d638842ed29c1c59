"""Images that lie in Parquet files or arrays: written as files with a table of their labels."""
