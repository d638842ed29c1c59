"""What a worker does with models of runs that have ended: judge, predict, find wrong labels."""
