"""Tables of text that grow as they are computed."""


def print_table(title, columns, rows):
    """Print a title, the columns, and each row (its name, its cells) as soon as it is there."""
    print(f"\n{title}\n{'':30}" + "".join(f"{column:>22}" for column in columns))
    for name, cells in rows:
        print(f"{name:30}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
