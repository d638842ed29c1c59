"""`.html`: one file that classifies pictures in a browser, offline."""

from cnnlab.exports.format import Format, Group

FORMAT = Format(
    name="web_page",
    title="Offline page",
    purpose="One HTML file for anybody: pictures or camera in, classes out, without a network.",
    suffix=".html",
    group=Group.PAGE,
    runtime="a browser",
    has_package=False,
)
