"""Every augmentation, each in one file of `members`: its fields, what it draws, what it does.

A new file there joins by itself: config, form, preview, dials, ready-made arms, doses and the
command line read `table`, and the contract test runs over it. Nothing here knows Keras or
TensorFlow: what is drawn and computed goes through `Draws` and `ArrayOps`, which training fills
with TensorFlow and the preview with numpy.
"""
