"""`train.py`: the training of a run as one file of plain Keras and numpy."""

from cnnlab.exports.format import Format, Group

FORMAT = Format(
    name="script",
    title="Python script",
    purpose="The training as one readable file of plain Keras and numpy, to read, change and run.",
    suffix=".py",
    group=Group.CODE,
    runtime="plain Keras",
)
