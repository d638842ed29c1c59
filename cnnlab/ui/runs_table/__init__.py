"""The Runs page before a run is opened: the table of runs, its views, what is done to several."""
