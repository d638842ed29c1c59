"""The offline page of a run, checked by the browser of who wants it."""
