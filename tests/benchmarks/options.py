"""What stands behind the name of a benchmark on its command line."""

import argparse
import sys

_SMOKE = "--smoke"


def option_parser(description: str) -> argparse.ArgumentParser:
    """A parser whose `--help` prints what the benchmark does, and which takes `--smoke`.

    Args:
        description: docstring of the benchmark.
    """
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        _SMOKE,
        action="store_true",
        help="only see whether it works: the least that goes through all of it, no goal counts",
    )
    return parser


def read_options(description: str, **counts: tuple[int, int]) -> list[int]:
    """Read the command line.

    Args:
        description: docstring of the benchmark.
        counts: names of numbers that may be given, in this order, each with its default and with
            what it is for `--smoke`.
    """
    parser = option_parser(description)
    for name, (default, _) in counts.items():
        parser.add_argument(name, type=int, nargs="?", default=default)
    given = vars(parser.parse_args())
    return [least if given["smoke"] else given[name] for name, (_, least) in counts.items()]


def is_smoke() -> bool:
    """Whether the process only sees whether its benchmark works."""
    return _SMOKE in sys.argv[1:]
