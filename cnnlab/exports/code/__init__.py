"""A run as a program: one readable Python file on plain Keras and numpy, which trains it again.

recipe.py        what has to be known of a run
covered.py       where each field of a config went, and what is left out, in words
lines.py         lines of Python that fit
data.py          reading the images
network.py       the network, layer by layer
blocks.py        its lines, and a loop where blocks of them repeat
block_functions.py  functions that make a block of several layers
augmenting.py    every augmentation in plain numpy; its functions' texts go into programs
augmentation.py  which of them a run uses, in order
optimizer.py     optimizer, loss, learning rate
phases.py        parts of the training with their own layers and learning rate
loop.py          training and measuring
program.py       all of it as one file
notebook.py      the same as cells, with words and plots
package.py       what lies beside it

A program draws nothing that the run drew otherwise but its augmentation: initial weights and order
come from files, and the random layers of Keras have the run's seeds.
"""
