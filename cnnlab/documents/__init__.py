"""Documents that are taken along: a study's report and story, a dataset's card."""
