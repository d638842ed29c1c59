"""Where the models of runs look in pictures: several of a dataset, or files, as a job."""
