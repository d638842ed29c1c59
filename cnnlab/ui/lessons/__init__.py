"""The Lessons page: the list of all, and one: expectation, progress, verdict, what to try next."""
