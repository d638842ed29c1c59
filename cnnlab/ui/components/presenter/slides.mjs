// The slides that don't move: question, data, expectation, verdict, limits.

import { make, pressable } from "../shared/dom.mjs"
import { scaleOf, ticksOf } from "./scale.mjs"

/**
 * @typedef {import("../shared/records.d.ts").Story} Story
 * @typedef {import("../shared/records.d.ts").ArmLook} Arm
 * @typedef {import("../shared/records.d.ts").VerdictRow} VerdictRow
 * @typedef {import("./scale.mjs").Scale} Scale
 * @typedef {import("./expectations.mjs").Expectations} Expectations
 */

const MOST_ROOMY_ROWS = 7
const NARROW_PX = 640

/**
 * Give an element an arm's colour and line, as in the chart.
 * @template {HTMLElement} Dressed
 * @param {Dressed} element
 * @param {Arm} arm
 */
export function dress(element, arm) {
  element.classList.add("cnnlab-p-chip")
  element.style.setProperty("--arm", arm.color)
  const line = arm.dash === "solid" ? "solid" : arm.dash.includes("dot") ? "dotted" : "dashed"
  element.style.setProperty("--dash", line)
  return element
}

/**
 * @param {HTMLElement} section
 * @param {Story} story
 */
export function drawQuestion(section, { question, arms }) {
  const chips = make("div", "cnnlab-p-chips",
    ...arms.slice(0, 8).map((arm) => dress(make("span", "", arm.label), arm)))
  if (arms.length > 8) chips.append(make("span", "", `and ${arms.length - 8} more`))
  section.replaceChildren(make("h1", "", question.title), make("p", "cnnlab-p-lead", question.line),
    chips, make("p", "cnnlab-p-lead", question.setup))
}

/**
 * So many columns that all classes fit the room: few classes get large images.
 * @param {number} count of the classes
 * @param {boolean} isNarrow
 */
export function columnsFor(count, isNarrow) {
  if (isNarrow) return count > 3 ? 2 : 1
  return count > 8 ? 4 : count > 4 || count === 3 ? 3 : Math.min(2, count)
}

/**
 * Take as many columns as fit the window, now and whenever its width changes.
 * @param {HTMLElement} section
 */
export function fitClasses(section) {
  for (const grid of section.querySelectorAll(".cnnlab-p-classes")) {
    const columns = columnsFor(grid.childElementCount, innerWidth <= NARROW_PX)
    if (grid instanceof HTMLElement) grid.style.setProperty("--columns", String(columns))
  }
}

/**
 * @param {HTMLElement} section
 * @param {Story} story
 * @param {import("../shared/records.d.ts").Pictures} pictures
 */
export function drawData(section, { data }, { rows, address, px }) {
  const facts = data.facts.map(({ number, words }) =>
    make("div", "", make("b", "", number), make("span", "", words)))
  const classes = data.classes.map(({ name, label, count }) => {
    const images = (rows[name] ?? []).map((row) => {
      const image = document.createElement("img")
      image.src = `${address}/${row}?px=${px}`
      image.alt = `An image of the class ${label}`
      return image
    })
    return make("div", "cnnlab-p-class",
      make("div", "", make("span", "", label), make("span", "", count)), make("div", "", ...images))
  })
  const grid = make("div", "cnnlab-p-classes", ...classes)
  section.replaceChildren(make("h1", "", data.title), make("div", "cnnlab-p-facts", ...facts), grid)
  fitClasses(section)
  const notes = [data.more, ...data.notes].filter(Boolean)
  if (notes.length) section.append(make("p", "cnnlab-p-note", notes.join(" · ")))
}

/**
 * @param {HTMLElement} section
 * @param {Story} story
 * @param {Expectations} expected
 * @param {() => void} onAnswer
 */
export function drawExpect(section, { expect, arms }, expected, onAnswer) {
  const byName = armsByName(arms)
  const rows = expect.rows.map(({ arm, label, options }) => {
    const choices = make("div", "cnnlab-p-options")
    choices.setAttribute("role", "group")
    choices.setAttribute("aria-label", label || expect.line)
    const mark = () => {
      for (const [index, button] of [...choices.children].entries())
        button.setAttribute("aria-pressed", String(expected.of(arm) === options[index].value))
    }
    for (const option of options) {
      const button = pressable(option.label, () => {
        expected.set(arm, option.value)
        mark()
        onAnswer()
      })
      button.dataset.value = option.value
      choices.append(button)
    }
    mark()
    const row = make("div", arm ? "cnnlab-p-ask" : "cnnlab-p-ask cnnlab-p-best")
    row.dataset.arm = arm
    if (arm) row.append(dress(make("span", "", label), byName[arm]))
    row.append(choices)
    return row
  })
  section.replaceChildren(make("h1", "", expect.title), make("p", "cnnlab-p-lead", expect.line),
    make("div", "cnnlab-p-rows", ...rows))
}

/**
 * @param {Arm[]} arms
 * @returns {Record<string, Arm>}
 */
function armsByName(arms) {
  return Object.fromEntries(arms.map((arm) => [arm.name, arm]))
}

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
 * A difference and its intervals on the scale that all share, over the margin.
 * @param {VerdictRow} row
 * @param {Arm} arm
 * @param {Scale} scale
 * @param {number} margin
 */
function barOf(row, arm, scale, margin) {
  const bar = make("div", "cnnlab-p-bar", stretch("cnnlab-p-margin", scale, -margin, margin))
  bar.style.setProperty("--arm", arm.color)
  const zero = make("i", "cnnlab-p-zero")
  zero.style.left = `${scale.at(0)}%`
  bar.append(zero)
  // A mean without an interval proves nothing, so it isn't drawn.
  if (row.low != null && row.high != null && row.mean != null) {
    if (row.other_low != null && row.other_high != null)
      bar.append(stretch("cnnlab-p-other", scale, row.other_low, row.other_high))
    bar.append(stretch("cnnlab-p-span", scale, row.low, row.high))
    const mean = make("i", "cnnlab-p-mean")
    mean.style.left = `${scale.at(row.mean)}%`
    bar.append(mean)
  }
  bar.setAttribute("role", "img")
  bar.setAttribute("aria-label", row.words)
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
  const byName = armsByName(arms), scale = scaleOf(verdict.rows, verdict.margin)
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
      known ? barOf(row, byName[row.arm], scale, verdict.margin) : make("span"), words)
    line.dataset.arm = row.arm
    line.dataset.verdict = row.verdict
    return line
  })
  if (known) rows.push(scaleRow(scale, verdict.better))
  const onBest = replyTo("")
  section.replaceChildren(make("h1", "", verdict.title))
  if (verdict.answer) section.append(make("p", "cnnlab-p-lead", verdict.answer))
  if (onBest) section.append(make("p", "cnnlab-p-lead cnnlab-p-reply", onBest))
  const isMany = rows.length > MOST_ROOMY_ROWS
  section.append(make("div", isMany ? "cnnlab-p-many" : "", ...rows),
    make("p", "cnnlab-p-note", verdict.line))
}

/**
 * @param {HTMLElement} section
 * @param {Story} story
 */
export function drawLimits(section, { limits }) {
  const cards = limits.map(({ head, text }) => make("div", "", make("b", "", head), make("p", "", text)))
  section.replaceChildren(make("h1", "", "What this rests on"),
    make("div", "cnnlab-p-limits", ...cards))
}
