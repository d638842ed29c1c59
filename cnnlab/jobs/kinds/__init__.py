"""One file for each kind of work: its request, its answer, its facts."""
