"""Keras: augmentation, model, fit, evaluate, export. The only importer of keras / tensorflow."""
