"""Where workers run: `port.py` says what an executor keeps, each other room is one that does."""
