"""What axe-core finds on a page: hurdles for people who can't see, hear or point well."""

from typing import NamedTuple

from tests.e2e.conftest import ROOT

SCRIPT = ROOT / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
"""There once `tests/check.py` has installed what checks the browser's modules."""

OF_STREAMLIT = {"empty-table-header": {"enabled": False}}
"""Its table has a column of marks without a name, and no setting for one."""

_AT_REST = """() => {
  const app = document.querySelector("[data-testid=stApp]")
  const fades = (one) =>
    one.playState === "running" && one.effect?.getComputedTiming().iterations !== Infinity
  return (app?.dataset.testScriptState ?? "notRunning") === "notRunning" &&
    !document.getAnimations().some(fades)
}"""
"""What Streamlit is about to replace is pale, and would have too little contrast."""

_RUN = """async ([spared, only]) => {
  const app = document.querySelector("[data-testid=stApp]")
  let moved = false
  const watch = new MutationObserver(() => (moved = true))
  if (app) watch.observe(app, { attributeFilter: ["data-test-script-state"] })
  const chosen = only.length ? { runOnly: only } : { rules: spared }
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...chosen })
  watch.disconnect()
  return moved ? null : violations.flatMap((one) =>
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
    """All, grave or not, on a page as it is shown once nothing moves any more.

    Args:
        page: of the browser.
        rules: axe's names; without any it is judged by all.
    """
    if not page.evaluate("() => 'axe' in window"):  # a page that was judged before has it
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))  # a script tag our own policy forbids
    found = None
    while found is None:  # a run of the page that began meanwhile, as after a late click
        page.wait_for_function(_AT_REST)
        found = page.evaluate(_RUN, [OF_STREAMLIT, list(rules)])
    return [Found(*one) for one in found]
