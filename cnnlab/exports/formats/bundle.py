"""Evidence bundle: data, configs, histories, verdicts, models, and what computes them again."""

from cnnlab.exports.format import Format, Group

FORMAT = Format(
    name="bundle",
    title="Evidence bundle",
    purpose="All that a run or a study rests on: to check it without cnnlab, or to import it.",
    suffix=".zip",
    group=Group.DOCUMENT,
    runtime="Python with numpy and scipy",
    has_package=False,
)
