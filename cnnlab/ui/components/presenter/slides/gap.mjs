// The slide on the gap: training and validation accuracy of each arm, as far apart as they are.

import { make } from "../../shared/dom.mjs"
import { PERCENT } from "../../shared/numbers.mjs"
import { armsByName, dress } from "./plain.mjs"
import { ticksOf } from "./scale.mjs"
import { placeOf } from "./svg.mjs"
import { MOST_ROOMY_ROWS } from "./verdict.mjs"

/**
 * @typedef {import("../../shared/records.d.ts").Story} Story
 * @typedef {import("../../shared/records.d.ts").GapRow} GapRow
 */

/**
 * @param {HTMLElement} section
 * @param {Story} story
 */
export function drawGap(section, { gap, arms }) {
  if (!gap) return
  const byName = armsByName(arms), [low, high] = gap.range
  const at = (/** @type {number} */ value) => placeOf(value, low, high, 0, 100)
  const rows = gap.rows.map((row) => {
    const line = make("div", "cnnlab-p-judged", dress(make("span", "", row.label), byName[row.arm]),
      barOf(row, byName[row.arm].color, at), make("div", "cnnlab-p-apart", row.words))
    line.dataset.arm = row.arm
    return line
  })
  const scale = make("div", "cnnlab-p-bar")
  for (const tick of ticksOf(low, high, 5)) {
    const label = make("span", "", `${tick}${PERCENT}`)
    label.style.left = `${at(tick)}%`
    scale.append(label)
  }
  rows.push(make("div", "cnnlab-p-judged cnnlab-p-scale", make("span"), scale, make("span")))
  const isMany = gap.rows.length > MOST_ROOMY_ROWS
  section.replaceChildren(make("h1", "", gap.title),
    make("div", isMany ? "cnnlab-p-many" : "", ...rows), make("p", "cnnlab-p-note", gap.line))
}

/**
 * @param {GapRow} row
 * @param {string} color
 * @param {(value: number) => number} at in percent of the bar
 */
function barOf(row, color, at) {
  const bar = make("div", "cnnlab-p-bar")
  bar.style.setProperty("--arm", color)
  const [from, to] = [row.train, row.validation].sort((one, other) => one - other)
  const span = make("i", "cnnlab-p-span")
  span.style.left = `${at(from)}%`
  span.style.width = `${at(to) - at(from)}%`
  bar.append(span)
  for (const [kind, value] of /** @type {const} */ ([["train", row.train], ["", row.validation]])) {
    const dot = make("i", kind ? "cnnlab-p-mean" : "cnnlab-p-mean cnnlab-p-filled")
    dot.style.left = `${at(value)}%`
    bar.append(dot)
  }
  bar.setAttribute("role", "img")
  bar.setAttribute("aria-label", `${row.label}: ${row.words}`)
  return bar
}
