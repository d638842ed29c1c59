// All kinds of layers, to choose from.

import { make } from "../shared/dom.mjs"

/** @typedef {import("../shared/records.d.ts").KindData} KindData */

/** Roles and their titles, by column. @type {[string, string][][]} */
const COLUMNS = [
  [["convolution", "Convolutions and blocks"]],
  [["pooling", "Pooling, flat values"], ["dense", "Fully connected"]],
  [["normalization", "Normalization"], ["regularizer", "Regularization"], ["function", "Functions"]],
]

/**
 * Draw the kinds as buttons; arrow keys lead from one to the next, Escape closes.
 * @param {HTMLElement} place
 * @param {KindData[]} kinds
 * @param {string} where they go
 * @param {(kind: KindData) => void} choose
 * @param {() => void} close
 */
export function drawPalette(place, kinds, where, choose, close) {
  const columns = COLUMNS.map((groups) => make("div", "", ...groups.flatMap(([role, title]) => {
    const buttons = kinds.filter((kind) => kind.role === role).map((kind) => button(kind, choose))
    return buttons.length ? [make("h3", "", title), ...buttons] : []
  })))
  place.replaceChildren(make("p", "", where), ...columns)
  place.onkeydown = (event) => {
    const buttons = [...place.querySelectorAll("button")]
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement))
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
    if (event.key === "Escape") close()
    else if (by) buttons[(at + by + buttons.length) % buttons.length].focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  place.hidden = false
  place.querySelector("button")?.focus()
}

/**
 * @param {KindData} kind
 * @param {(kind: KindData) => void} choose
 */
function button(kind, choose) {
  const made = make("button", "", make("b", "", kind.name), make("small", "", kind.help))
  made.type = "button"
  made.dataset.role = kind.role
  made.dataset.kind = kind.kind
  made.addEventListener("click", () => choose(kind))
  return made
}
