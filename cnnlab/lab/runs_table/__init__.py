"""The table of all runs: what is known of each, which a view shows, what is done to several."""
