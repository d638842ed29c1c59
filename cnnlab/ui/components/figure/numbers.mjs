// The numbers behind a figure as a table, one key away, for who doesn't see it or wants them exactly.

import { make } from "../shared/dom.mjs"
import { MINUS } from "../shared/numbers.mjs"

/**
 * @typedef {import("../shared/plotly.d.ts").Figure} Figure
 * @typedef {{ head: string[], rows: string[][], isThinned: boolean }} Numbers
 */

const MOST_OF_EACH = 60

/** @param {unknown} value */
const isKnown = (value) => value !== null && value !== undefined

/** @param {unknown} value */
function written(value) {
  if (typeof value === "number") return String(Number(value.toPrecision(5))).replace(/^-/, MINUS)
  return String(value).replace(/<[^>]*>/g, " ").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&").trim()
}

/**
 * What an axis is called.
 * @param {any} axis
 * @param {string} usual where it has no title
 */
const titleOf = (axis, usual) =>
  written((typeof axis?.title === "string" ? axis.title : axis?.title?.text) || usual)

/**
 * What an axis of a trace calls a place on it: a class has its name where its number is, and a mark
 * beside another one that of the row that both stand in. Rows lie below each other: between two words
 * on an axis from left to right there are places of its own.
 * @param {Figure["layout"]} layout
 * @param {unknown} name as the trace gives it, such as `x2`
 * @returns {(value: unknown) => string}
 */
function wordsOn(layout, name) {
  const axis = /** @type {any} */ (layout[String(name).replace(/^[xy]/, "$&axis")])
  const row = String(name).startsWith("y") ? Math.round : Number
  /** @type {unknown[]} */
  const texts = axis?.ticktext ?? []
  const words = new Map(texts.map((text, at) => [axis.tickvals?.[at], text]))
  return (value) => written(words.get(value) ?? words.get(row(Number(value))) ?? value)
}

/**
 * From where to where a mark may lie, for a figure that shows it: of a difference, say.
 * @param {Record<string, any>} trace
 * @param {number} place
 * @returns {string[]} nothing for a mark without
 */
function endsOf({ x, y, error_x, error_y }, place) {
  for (const [at, error] of [[x, error_x], [y, error_y]]) {
    if (error?.visible === false || !error?.array) continue
    const below = (error.arrayminus ?? error.array)[place]
    return [written(at[place] - below), written(at[place] + error.array[place])]
  }
  return []
}

/**
 * The cells of matrices with their columns and rows, told as they are on the figure: colours may
 * stand for something else, such as a logarithm.
 * @param {Record<string, any>[]} matrices
 * @param {Figure["layout"]} layout
 * @returns {Numbers}
 */
function cellsOf(matrices, layout) {
  const areNamed = matrices.some(({ name }) => name)
  const rows = matrices.flatMap((trace) => {
    const across = wordsOn(layout, trace.xaxis ?? "x"), down = wordsOn(layout, trace.yaxis ?? "y")
    const of = areNamed ? [written(trace.name ?? "")] : []
    return trace.z.flatMap((/** @type {unknown[]} */ line, /** @type {number} */ row) =>
      line.map((value, column) => [...of, across(trace.x?.[column] ?? column), down(trace.y?.[row] ?? row),
        written(trace.text?.[row]?.[column] || (value ?? ""))]))
  })
  const head = [titleOf(layout.xaxis, "column"), titleOf(layout.yaxis, "row"),
    titleOf(matrices[0].colorbar, "value")]
  return { head: areNamed ? ["Of", ...head] : head, rows, isThinned: false }
}

/**
 * What a figure draws, point by point; areas between curves say nothing of their own, nor does what
 * no pointer finds on a matrix.
 * @param {Figure} figure
 * @returns {Numbers}
 */
export function numbersOf({ data, layout }) {
  const matrices = data.filter(({ z, hoverinfo }) => Array.isArray(z) && hoverinfo !== "skip")
  if (matrices.length) return cellsOf(matrices, layout)
  let isThinned = false
  const said = data.filter(({ fill }) => fill !== "toself") // a curve may have the gap below it shaded
  const named = said.filter(({ name }) => name) // beside means, the thin curves of single seeds have none
  const rows = (named.length ? named : said).flatMap((/** @type {Record<string, any>} */ trace) => {
    const name = written(trace.name ?? "")
    const along = wordsOn(layout, trace.xaxis ?? "x"), up = wordsOn(layout, trace.yaxis ?? "y")
    if (!Array.isArray(trace.x) || !Array.isArray(trace.y)) return []
    const points = trace.x
      .map((x, place) => ({ x, y: trace.y[place], ends: endsOf(trace, place) }))
      .filter(({ x, y }) => isKnown(x) && isKnown(y))
    const step = Math.ceil(points.length / MOST_OF_EACH)
    isThinned ||= step > 1
    const last = points.length - 1
    return points.filter((_, place) => place % step === 0 || place === last)
      .map(({ x, y, ends }) => [name, along(x), up(y), ...ends])
  })
  const hasEnds = rows.some(({ length }) => length > 3)
  const usual = said.some(({ orientation }) => orientation === "h") ? ["value", "at"] : ["at", "value"]
  const head = ["Of", titleOf(layout.xaxis, usual[0]), titleOf(layout.yaxis, usual[1])]
  return { head: hasEnds ? [...head, "from", "to"] : head, rows, isThinned }
}

/**
 * @param {Numbers} numbers
 * @param {string} alt what the figure shows
 */
function tableOf({ head, rows, isThinned }, alt) {
  const line = (/** @type {"th" | "td"} */ kind, /** @type {string[]} */ cells) =>
    make("tr", "", ...cells.map((cell) => make(kind, "", cell)))
  const all = alt.replace(/\.?$/, ".")
  const said = isThinned ? `${all} Of each curve, at most ${MOST_OF_EACH} points.` : all
  return make("table", "", make("caption", "", `${said} Escape: back to the chart.`),
    make("thead", "", line("th", head)), make("tbody", "", ...rows.map((row) => line("td", row))))
}

/** @typedef {() => { figure: Figure, alt: string }} Told what a chart shows, and that in words */

/** What each chart shows at the moment. @type {WeakMap<HTMLElement, Told>} */
const shown = new WeakMap()
/** The chart whose numbers lie on a sheet. @type {WeakMap<HTMLElement, HTMLElement>} */
const opened = new WeakMap()

/**
 * Offer the numbers of a chart: T opens and closes them, Escape closes.
 * @param {HTMLElement} chart
 * @param {HTMLElement} sheet where they are shown; several charts may share it
 * @param {Told} told
 */
export function offerNumbers(chart, sheet, told) {
  const isNew = !shown.has(chart)
  shown.set(chart, told)
  if (!sheet.hidden && opened.get(sheet) === chart) show(sheet, chart)
  if (!isNew) return
  chart.addEventListener("keydown", (event) => {
    if (!isToggle(event)) return
    take(event)
    opened.set(sheet, chart)
    sheet.hidden = false
    show(sheet, chart)
    sheet.focus()
  })
  sheet.addEventListener("keydown", (event) => {
    if (opened.get(sheet) !== chart || !(isToggle(event) || event.key === "Escape")) return
    take(event)
    sheet.hidden = true
    opened.delete(sheet)
    chart.focus()
  })
}

/** @param {KeyboardEvent} event */
function isToggle({ key, ctrlKey, metaKey, altKey }) {
  return key.toLowerCase() === "t" && !ctrlKey && !metaKey && !altKey
}

/** @param {KeyboardEvent} event */
function take(event) {
  event.preventDefault()
  event.stopPropagation() // Escape would also close what the chart stands in
}

/**
 * @param {HTMLElement} sheet
 * @param {HTMLElement} chart
 */
function show(sheet, chart) {
  const now = shown.get(chart)?.()
  if (!now) return
  sheet.ariaLabel = `Numbers: ${now.alt}`
  sheet.replaceChildren(tableOf(numbersOf(now.figure), now.alt))
}
