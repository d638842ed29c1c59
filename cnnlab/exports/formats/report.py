"""Words, numbers and curves of a run or a study as one HTML file."""

from cnnlab.exports.format import Format, Group

FORMAT = Format(
    name="report",
    title="Report",
    purpose="What a run or a study has shown, to read, print and mail.",
    suffix=".html",
    group=Group.DOCUMENT,
    runtime="any browser, without a network",
    has_package=False,
)
