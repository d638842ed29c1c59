"""What a user can do with datasets: import, add, relabel, look at."""
