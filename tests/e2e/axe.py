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

_FAINT = """() => {
  const lightness = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((part) => part / 255)
      .map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    return .2126 * r + .7152 * g + .0722 * b
  }
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number)
  const ground = (element) => {
    const own = parts(getComputedStyle(element).backgroundColor)
    const around = element.parentElement
    return own[3] !== 0 ? own : around ? ground(around) : [255, 255, 255]
  }
  const seen = (place) =>
    [...document.querySelectorAll(place)].filter((one) => one.checkVisibility())
  const drawn = [
    ["[data-testid=stCheckbox] label:has(input:not(:checked)) > span + div", "borderTopColor"],
    ["[data-testid=stCheckbox] label:has(input:checked) > span + div", "backgroundColor"],
    ["[data-testid=stRadioOption]:has(input:not(:checked)) > span + div > div:first-child",
      "borderTopColor"],
    ["[class*=_switch] button:not(:has(.stMarkdownBadge))", "borderTopColor", "::after"],
  ]
  return drawn.flatMap(([place, property, pseudo]) => seen(place).flatMap((one) => {
    const colour = parts(getComputedStyle(one, pseudo)[property])
    const [darker, lighter] = [colour, ground(pseudo ? one : one.parentElement)]
      .map(lightness).sort((a, b) => a - b)
    const contrast = colour[3] === 0 ? 1 : (lighter + .05) / (darker + .05)
    const name = one.closest("[class*=st-key-]").className.match(/st-key-\\S+/)[0]
    return contrast < 3 ? [`${name}: ${contrast.toFixed(2)}`] : []
  }))
}"""
"""WCAG 1.4.11, which axe doesn't look for: a switch, circle or box, by its key.

What is off has an edge that is seen, what is on is filled.
"""


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


def faint(page) -> list[str]:
    """Switches, circles and boxes that are hardly seen, or not as what they are: their contrast."""
    return page.evaluate(_FAINT)
