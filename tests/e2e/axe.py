"""What axe-core finds on a page: hurdles for people who can't see, hear or point well."""

from typing import NamedTuple

from tests.e2e.conftest import ROOT

SCRIPT = ROOT / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
"""There once `tests/check.py` has installed what checks the browser's modules."""

GRAVE = ("serious", "critical")

_AT_REST = """() => {
  const app = document.querySelector("[data-testid=stApp]")
  const fades = (one) =>
    one.playState === "running" && one.effect?.getComputedTiming().iterations !== Infinity
  return (app?.dataset.testScriptState ?? "notRunning") === "notRunning" &&
    !document.getAnimations().some(fades)
}"""
"""What Streamlit is about to replace is pale, and would have too little contrast."""

_RUN = """async ([impacts, rules]) => {
  const app = document.querySelector("[data-testid=stApp]")
  let moved = false
  const watch = new MutationObserver(() => (moved = true))
  if (app) watch.observe(app, { attributeFilter: ["data-test-script-state"] })
  const only = rules.length ? { runOnly: rules } : {}
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...only })
  watch.disconnect()
  return moved ? null : violations.filter((one) => impacts.includes(one.impact)).flatMap((one) =>
    one.nodes.map((node) => [one.id, node.target.flat().join(" "), node.failureSummary]))
}"""


class Found(NamedTuple):
    """One element with a hurdle.

    Attributes:
        rule: axe's name of what it breaks.
        element: a CSS path to it.
        why: in axe's words.
    """

    rule: str
    element: str
    why: str


def findings(page, *rules) -> list[Found]:
    """All serious and critical ones on a page as it is shown once nothing moves any more.

    Args:
        page: of the browser.
        rules: axe's names; without any it is judged by all.
    """
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))  # as a script tag our own policy forbids it
    found = None
    while found is None:  # a run of the page that began meanwhile, as after a late click
        page.wait_for_function(_AT_REST)
        found = page.evaluate(_RUN, [list(GRAVE), list(rules)])
    return [Found(*one) for one in found]
