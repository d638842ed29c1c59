"""Serves the model of a folder: `python -m cnnlab.exports.serving FOLDER --port 8000`."""

import sys

from cnnlab.exports.serving.starting import main

if __name__ == "__main__":
    sys.exit(main())
