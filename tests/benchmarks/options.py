"""What stands behind the name of a benchmark on its command line."""

import argparse


def read_options(description: str, **counts: int) -> list[int]:
    """Read the command line; `--help` prints what the benchmark does.

    Args:
        description: docstring of the benchmark.
        counts: names of numbers that may be given, in this order, with their defaults.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in counts.items():
        parser.add_argument(name, type=int, nargs="?", default=default)
    return list(vars(parser.parse_args()).values())
