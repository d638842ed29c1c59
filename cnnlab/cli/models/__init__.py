"""What is asked of the models of runs: judged, compared, explained, tried, served, described."""
