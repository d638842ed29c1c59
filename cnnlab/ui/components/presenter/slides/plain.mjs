// The slides of words and pictures: question, data, expectation, limits.

import { make, pressable } from "../../shared/dom.mjs"
import { called } from "../../shared/numbers.mjs"
import { svg } from "./svg.mjs"

/**
 * @typedef {import("../../shared/records.d.ts").Story} Story
 * @typedef {import("../../shared/records.d.ts").ArmLook} Arm
 * @typedef {import("../expectations.mjs").Expectations} Expectations
 */

const NARROW_PX = 640

/**
 * Give an element a piece of an arm's line, as in the chart.
 * @template {HTMLElement} Dressed
 * @param {Dressed} element
 * @param {Arm} arm
 */
export function dress(element, arm) {
  element.classList.add("cnnlab-p-chip")
  element.style.setProperty("--arm", arm.color)
  const swatch = svg("svg", { class: "cnnlab-p-swatch", viewBox: "0 0 44 12",
    preserveAspectRatio: "xMinYMid slice", "aria-hidden": "true" })  // shorter, not smaller
  swatch.append(svg("line", { x1: 0, x2: 44, y1: 6, y2: 6, stroke: arm.color, "stroke-width": 5 }))
  if (arm.mark) swatch.append(svg("path", { d: arm.mark, fill: arm.color, transform: "translate(22 6)" }))
  element.prepend(swatch)
  return element
}

/**
 * @param {Arm[]} arms
 * @returns {Record<string, Arm>}
 */
export function armsByName(arms) {
  return Object.fromEntries(arms.map((arm) => [arm.name, arm]))
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
 * A picture of the dataset; one that is gone leaves its place empty.
 * @param {import("../../shared/records.d.ts").Pictures} pictures
 * @param {number} row
 * @param {string} words what it shows
 */
export function picture({ inline, address, px }, row, words) {
  const image = document.createElement("img")
  image.src = inline?.[row] ?? `${address}/${row}?px=${px}`
  image.alt = words
  image.onerror = () => { image.style.visibility = "hidden" }
  return image
}

/**
 * @param {HTMLElement} section
 * @param {Story} story
 * @param {import("../../shared/records.d.ts").Pictures} pictures
 */
export function drawData(section, { data }, pictures) {
  if (!data) return
  const facts = data.facts.map(({ number, words }) =>
    make("div", "", make("b", "", number), make("span", "", words)))
  const classes = data.classes.map(({ name, label, count }) => {
    const images = (pictures.rows[name] ?? []).map((row) =>
      picture(pictures, row, `An image of the class ${called(label)}`))
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
 * @param {HTMLElement} section
 * @param {Story} story
 */
export function drawLimits(section, { limits }) {
  const cards = limits.map(({ head, text }) => make("div", "", make("b", "", head), make("p", "", text)))
  section.replaceChildren(make("h1", "", "What this rests on"),
    make("div", "cnnlab-p-limits", ...cards))
}
