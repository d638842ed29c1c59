"""One part of a run that is watched while it trains."""
