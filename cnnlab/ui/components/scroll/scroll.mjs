// Brings an element into sight, once for each turn; it may be drawn a moment after this is called.

import { find } from "../shared/dom.mjs"

const HEADER = "4.5rem"
const PATIENCE_MS = 2000
let doneTurn = ""

/**
 * @param {string} selector
 * @param {number} until moment of `performance.now()` after which it is given up
 */
function bring(selector, until) {
  if (document.querySelector(selector)) {
    const element = find(document, selector)
    element.style.scrollMarginTop = HEADER
    const { top } = element.getBoundingClientRect()
    if (top < 0 || top > window.innerHeight / 2) element.scrollIntoView({ block: "start" })
  } else if (performance.now() < until) requestAnimationFrame(() => bring(selector, until))
}

/** @type {import("../shared/component.d.ts").Draw<{ key: string, turn: string }>} */
export default function draw({ data }) {
  if (!data.key || data.turn === doneTurn) return
  doneTurn = data.turn
  bring(`.st-key-${CSS.escape(data.key)}`, performance.now() + PATIENCE_MS)
}
