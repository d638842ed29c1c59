"""From a config to a compiled Keras model."""
