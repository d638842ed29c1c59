// Brings an element into sight, once for each turn; it may be drawn a moment after this is called.

import { find } from "../shared/dom.mjs"

/** Room for the page's own header above what is scrolled to. */
export const HEADER = "4.5rem"
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
    const { top, bottom } = element.getBoundingClientRect(), height = window.innerHeight
    if ((top < 0 && bottom < height / 4) || top > 2 * height / 3) element.scrollIntoView({ block: "start" })
  } else if (performance.now() < until) requestAnimationFrame(() => bring(selector, until))
}

/** @type {import("../shared/component.d.ts").Draw<{ key: string, turn: string }>} */
export default function draw({ data }) {
  if (!data.key || data.turn === doneTurn) return
  doneTurn = data.turn
  bring(`.st-key-${CSS.escape(data.key)}`, performance.now() + PATIENCE_MS)
}
