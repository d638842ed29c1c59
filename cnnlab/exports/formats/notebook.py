"""`train.ipynb`: the same with words and plots, for Jupyter."""

from cnnlab.exports.format import Format, Group

FORMAT = Format(
    name="notebook",
    title="Notebook",
    purpose="The training as cells of plain Keras and numpy with words and plots, for Jupyter.",
    suffix=".ipynb",
    group=Group.CODE,
    runtime="Jupyter with plain Keras",
)
