"""Small nets that judge whether augmentation changes what images show."""
