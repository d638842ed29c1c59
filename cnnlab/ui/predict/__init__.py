"""The Predict page: which runs, what they say of a picture, pictures added to a dataset."""
