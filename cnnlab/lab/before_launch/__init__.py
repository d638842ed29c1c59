"""What helps before a run is launched: what fits, which rate, which recipe, what may go wrong."""
