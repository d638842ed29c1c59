"""How much of a page moved while it came, as Chromium measures it: the cumulative layout shift."""

WATCH = """
window.cnnlabShifts = []
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) {
    if (one.hadRecentInput) continue
    const moved = one.sources.map(({ node, previousRect, currentRect }) => {
      const at = node instanceof Element ? node : node?.parentElement
      const keyed = at?.closest("[class*=st-key-]")?.className.match(/st-key-\\S+/)?.[0]
      return `${keyed ?? at?.dataset?.testid ?? at?.tagName} ${previousRect.y} > ${currentRect.y}`
    })
    window.cnnlabShifts.push([one.value, moved.join("; ")])
  }
}).observe({ type: "layout-shift", buffered: true })
"""
"""A script for each page of a browser before its own."""

MOST = 0.05
"""From 0 (nothing moved) to above 1; a tenth is called good elsewhere."""


def watch(page):
    """Have each page that is opened from now on watched from its first moment."""
    page.add_init_script(WATCH)


def moved(page, most=MOST) -> list[str]:
    """What moved since the page was opened, each with its share; nothing where it is little."""
    shifts = page.evaluate("() => window.cnnlabShifts")
    total = sum(value for value, _ in shifts)
    if total < most:
        return []
    return [f"{total:.3f} in all", *(f"{value:.3f}: {words}" for value, words in shifts)]
