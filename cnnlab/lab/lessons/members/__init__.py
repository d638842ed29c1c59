"""One lesson a file, with its `LESSON`: what is claimed, the study that tests it, what it says."""
