"""The process that does jobs; the only one that loads Keras."""
