// A Plotly figure drawn from data, in the theme of the moment.

import { find } from "../shared/dom.mjs"
import { libraryAt } from "../shared/library.mjs"
import { plotlyConfig, themedLayout, themeOf } from "../shared/plotly.mjs"
import { zoomable } from "../shared/zoom.mjs"
import { offerNumbers } from "./numbers.mjs"

/**
 * @typedef {import("../shared/plotly.d.ts").Figure} Figure
 * @typedef {{ figure: Figure, plotly: string, alt: string, height: number, tools: boolean,
 *   marks: boolean }} Data
 *   `height` in px; without `tools` no buttons lie over it; with `marks` a marked part is told
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 */

/**
 * The rectangle that was marked, each side from low to high; null where none was.
 * @param {{ range?: { x?: number[], y?: number[] } } | undefined} event of Plotly
 */
export function markedPart(event) {
  const { x, y } = event?.range ?? {}
  if (!x || !y) return null
  const ordered = (/** @type {number[]} */ ends) => [Math.min(...ends), Math.max(...ends)]
  return { x: ordered(x), y: ordered(y) }
}

/** Whom a figure tells what is marked in it: the latest drawing. @type {WeakMap<HTMLElement, Component>} */
const listeners = new WeakMap()

/**
 * Plotly makes its events known once the figure was drawn.
 * @param {HTMLElement} element
 * @param {Component} component
 */
function listen(element, component) {
  const isNew = !listeners.has(element)
  listeners.set(element, component)
  if (!isNew) return
  /** @type {import("../shared/plotly.d.ts").Drawn} */ (element).on("plotly_selected", (event) => {
    const part = markedPart(event), now = listeners.get(element)
    if (part && now?.data.marks) now.setTriggerValue("marked", part)
  })
}

/**
 * One object with the parts of both; where both say something, `over` is right.
 * @param {Record<string, unknown>} base
 * @param {Record<string, unknown>} over
 * @returns {Record<string, unknown>}
 */
export function merged(base, over) {
  const result = { ...base }
  for (const [name, value] of Object.entries(over)) {
    const before = result[name]
    result[name] = isPlain(before) && isPlain(value) ? merged(before, value) : value
  }
  return result
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isPlain(value) {
  return Boolean(value) && typeof value === "object" && !Array.isArray(value)
}

const NARROW_PX = 520

/**
 * Where there is no room beside the curves, they go without their names, which stand above the chart.
 * @param {Figure} figure
 * @returns {Figure}
 */
export function narrowed({ data, layout }) {
  return { data, layout: { ...layout, annotations: [], margin: { ...layout.margin, r: 8 } } }
}

const LETTER_PX = 7.5, LABEL_LETTERS = 16, LABEL_PX = 45
/** Wide enough for most letters at 13 px; longest line of a label, and how high several lines are. */

/**
 * Words on as many lines as they need; a word that is longer than a line stays whole.
 * @param {string} words
 * @param {number} letters that a line has at most
 */
export function lined(words, letters) {
  const lines = [""]
  for (const word of words.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim()
    if (longer.length <= letters || !lines.at(-1)) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.join("<br>")
}

/**
 * Where there is little room, labels beside the chart and the title below it take several lines:
 * Plotly draws them on one, and what is longer than the chart is cut off.
 * @param {Record<string, any>} layout
 * @param {number} width of the figure, in px
 * @param {number} height of it, in px: among many labels each has one line only
 * @returns {Record<string, any>}
 */
export function wrapped(layout, width, height) {
  const { xaxis, yaxis } = layout
  const given = /** @type {string[]} */ (yaxis?.showticklabels === false ? [] : yaxis?.ticktext ?? [])
  const letters = height / given.length < LABEL_PX ? Infinity : LABEL_LETTERS
  const labels = given.map((text) => lined(text, letters))
  const lines = labels.flatMap((text) => text.split("<br>"))
  const beside = Math.max(LABEL_LETTERS / 2, ...lines.map((line) => line.length))
  const title = xaxis?.title?.text
  return {
    ...layout,
    ...(given.length && { yaxis: { ...yaxis, ticktext: labels } }),
    ...(title && {
      xaxis: { ...xaxis, title: { ...xaxis.title, text: lined(title, width / LETTER_PX - beside) } },
    }),
  }
}

/**
 * An axis with a range grows with it, and keeps a zoom as its figure does.
 * @param {HTMLElement} element
 * @param {Record<string, any>} layout
 */
function followed(element, { xaxis, uirevision }) {
  return xaxis?.range ? zoomable(element, { uirevision, ...xaxis }) : xaxis
}

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw(component) {
  const { data, parentElement } = component
  const element = find(parentElement, ".cnnlab-figure")
  element.style.height = `${data.height}px`
  element.setAttribute("aria-label", data.alt)
  offerNumbers(element, find(parentElement, ".cnnlab-numbers"), () => data)
  libraryAt(data.plotly).draw(element, (Plotly) => {
    const theme = themeOf(parentElement)
    const isNarrow = element.clientWidth > 0 && element.clientWidth < NARROW_PX
    const isBare = isNarrow && data.figure.layout.meta?.narrow === "bare"
    const figure = isBare ? narrowed(data.figure) : data.figure
    const shown = isNarrow ? wrapped(figure.layout, element.clientWidth, data.height) : figure.layout
    const usual = themedLayout(theme), layout = merged(usual, shown)
    if (layout.uirevision) layout.xaxis = followed(element, layout)
    if (usual.dragmode === false) layout.dragmode = false // a finger moves the page, and marks nothing
    // Plotly picks the colour of a cell's text for an opaque cell; ours let the background through.
    const traces = figure.data.map((trace) =>
      trace.type === "heatmap" ? { ...trace, textfont: { color: theme.text } } : trace)
    const config = data.tools ? plotlyConfig() : { ...plotlyConfig(), displayModeBar: false }
    const drawn = Plotly.react(element, traces, layout, config)
    if (data.marks) listen(element, component)
    return drawn
  })
}
