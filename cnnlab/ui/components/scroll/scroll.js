// Brings an element into sight, once for each turn; it may be drawn a moment after this is called.

const HEADER = "4.5rem"
let doneTurn = ""

function bring(selector, until) {
  const element = document.querySelector(selector)
  if (element) {
    element.style.scrollMarginTop = HEADER
    const { top } = element.getBoundingClientRect()
    if (top < 0 || top > window.innerHeight / 2) element.scrollIntoView({ block: "start" })
  } else if (performance.now() < until) requestAnimationFrame(() => bring(selector, until))
}

export default function ({ data }) {
  if (!data.key || data.turn === doneTurn) return
  doneTurn = data.turn
  bring(`.st-key-${CSS.escape(data.key)}`, performance.now() + 2000)
}
