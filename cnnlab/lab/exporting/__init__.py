"""What is taken along of runs and studies: prepared, found again, copied."""
