"""`python -m cnnlab`: the command line; `start` works before anything is installed."""

import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["start"]:
        from cnnlab.environment import start

        start(sys.argv[2:])
    from cnnlab.cli import main

    sys.exit(main())
