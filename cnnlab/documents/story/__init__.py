"""A study told to a room: question, data, expectation, curves, verdict, limits."""
