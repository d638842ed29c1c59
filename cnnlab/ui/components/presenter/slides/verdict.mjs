// The slide with the verdicts: each arm's difference with its intervals, in words, and what the room
// gets as a reply.

import { make } from "../../shared/dom.mjs"
import { MINUS } from "../../shared/numbers.mjs"
import { armsByName, dress } from "./plain.mjs"
import { scaleOf, ticksOf } from "./scale.mjs"

/**
 * @typedef {import("../../shared/records.d.ts").Story} Story
 * @typedef {import("../../shared/records.d.ts").ArmLook} Arm
 * @typedef {import("../../shared/records.d.ts").VerdictRow} VerdictRow
 * @typedef {import("./scale.mjs").Scale} Scale
 * @typedef {import("../expectations.mjs").Expectations} Expectations
 */

/** More rows than these are set closer. */
export const MOST_ROOMY_ROWS = 6

/**
 * A stretch of the scale.
 * @param {string} kind its class
 * @param {Scale} scale
 * @param {number} low
 * @param {number} high
 */
function stretch(kind, scale, low, high) {
  const span = make("i", kind)
  span.style.left = `${scale.at(low)}%`
  span.style.width = `${scale.at(high) - scale.at(low)}%`
  return span
}

/**
 * An arrow to a difference that lies off the scale, with its number.
 * @param {number} mean
 * @param {string} unit
 */
function arrowTo(mean, unit) {
  const size = `${mean < 0 ? MINUS : "+"}${Number(Math.abs(mean).toPrecision(3))} ${unit}`
  const head = make("i", "", mean < 0 ? "◀ " : " ▶")
  const arrow = make("b", "cnnlab-p-far", ...(mean < 0 ? [head, size] : [size, head]))
  arrow.style.setProperty(mean < 0 ? "left" : "right", "0")
  return arrow
}

/**
 * A difference and its intervals on the scale that all share, over the margin.
 * @param {VerdictRow} row
 * @param {Arm} arm
 * @param {Scale} scale
 * @param {{ margin: number, unit: string }} slide
 */
function barOf(row, arm, scale, { margin, unit }) {
  const bar = make("div", "cnnlab-p-bar")
  bar.style.setProperty("--arm", arm.color)
  bar.setAttribute("role", "img")
  bar.setAttribute("aria-label", row.words)
  if (row.is_far && row.mean != null) {
    bar.append(arrowTo(row.mean, unit))
    return bar
  }
  const zero = make("i", "cnnlab-p-zero")
  zero.style.left = `${scale.at(0)}%`
  bar.append(stretch("cnnlab-p-margin", scale, -margin, margin), zero)
  // A mean without an interval proves nothing, so it isn't drawn.
  if (row.low != null && row.high != null && row.mean != null) {
    if (row.other_low != null && row.other_high != null)
      bar.append(stretch("cnnlab-p-other", scale, row.other_low, row.other_high))
    bar.append(stretch("cnnlab-p-span", scale, row.low, row.high))
    const mean = make("i", "cnnlab-p-tick") // a dot would hide a short interval
    mean.style.left = `${scale.at(row.mean)}%`
    bar.append(mean)
  }
  return bar
}

/**
 * The numbers below the bars, and which way is better.
 * @param {Scale} scale
 * @param {string} better `left` or `right`
 */
function scaleRow(scale, better) {
  const bar = make("div", "cnnlab-p-bar")
  for (const tick of ticksOf(scale.from, scale.to, 6)) {
    const label = make("span", "", tick > 0 ? `+${tick}` : `${tick}`.replace("-", "−"))
    label.style.left = `${scale.at(tick)}%`
    bar.append(label)
  }
  const [left, right] = better === "right" ? ["worse", "better"] : ["better", "worse"]
  const ways = make("div", "cnnlab-p-ways", make("span", "", `← ${left}`), make("span", "", `${right} →`))
  return make("div", "cnnlab-p-judged cnnlab-p-scale", make("span"), make("div", "", bar, ways), make("span"))
}

/**
 * @param {HTMLElement} section
 * @param {Story} story
 * @param {Expectations} expected
 */
export function drawVerdict(section, { verdict, arms }, expected) {
  const near = verdict.rows.filter((row) => !row.is_far)
  const byName = armsByName(arms), scale = scaleOf(near, verdict.margin)
  const replyTo = (/** @type {string} */ arm) => {
    const said = expected.of(arm)
    return said === undefined ? undefined : verdict.replies[arm]?.[said]
  }
  const known = verdict.rows.some((row) => row.low != null)
  const rows = verdict.rows.map((row) => {
    const words = make("div", "", make("div", "cnnlab-p-words", row.words))
    const reply = replyTo(row.arm)
    if (reply) words.append(make("div", "cnnlab-p-reply", reply))
    const line = make("div", "cnnlab-p-judged", dress(make("span", "", row.label), byName[row.arm]),
      known ? barOf(row, byName[row.arm], scale, verdict) : make("span"), words)
    line.dataset.arm = row.arm
    line.dataset.verdict = row.verdict
    return line
  })
  if (known) rows.push(scaleRow(scale, verdict.better))
  const onBest = replyTo("")
  section.replaceChildren(make("h1", "", verdict.title))
  if (onBest) section.append(make("p", "cnnlab-p-lead cnnlab-p-reply", onBest))
  const isMany = verdict.rows.length > MOST_ROOMY_ROWS
  section.append(make("div", isMany ? "cnnlab-p-many" : "", ...rows),
    make("p", "cnnlab-p-note", verdict.line))
}
