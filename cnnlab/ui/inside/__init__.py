"""The Inside page: what a run's net makes of pictures, through the epochs and layer by layer."""
