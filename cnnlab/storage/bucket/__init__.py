"""Datasets and ended runs in a bucket, besides the home; and the copies that a node makes."""
