"""What a model says of single pictures: mistakes, where it looks, suspicious labels."""
