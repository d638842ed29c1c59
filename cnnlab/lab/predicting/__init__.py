"""What the models of runs say of new pictures: one at once, many as a job."""
