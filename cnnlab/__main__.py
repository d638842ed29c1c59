"""`python -m cnnlab`: the command line; `start` works before anything is installed."""

import signal
import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["start"]:
        from cnnlab.environment import start

        start(sys.argv[2:])
    if sys.argv[1:2] == ["serve"]:  # becomes the server before a second and 150 MB are spent
        from cnnlab.exports.serving.at_once import serve_at_once

        serve_at_once(sys.argv[2:])
    from cnnlab.cli.main import main

    # Whoever ends a command wants it to tidy up, as after a Ctrl-C (which shells have background
    # processes ignore).
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
