// The numbers behind a figure as a table, one key away, for who doesn't see it or wants them exactly.

import { find, make } from "../shared/dom.mjs"

/**
 * @typedef {import("../shared/plotly.d.ts").Figure} Figure
 * @typedef {{ head: string[], rows: string[][], isThinned: boolean }} Numbers
 */

const MOST_OF_EACH = 60

/** @param {unknown} value */
const isKnown = (value) => value !== null && value !== undefined

/** @param {unknown} value */
function written(value) {
  const text = typeof value === "number" ? String(Number(value.toPrecision(5))) : String(value)
  return text.replace(/<[^>]*>/g, " ").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&").trim()
}

/**
 * What a figure draws, point by point; areas between curves say nothing of their own.
 * @param {Figure} figure
 * @returns {Numbers}
 */
export function numbersOf({ data, layout }) {
  let isThinned = false
  const said = data.filter(({ fill }) => !fill || fill === "none")
  const named = said.filter(({ name }) => name) // beside means, the thin curves of single seeds have none
  const rows = (named.length ? named : said).flatMap((/** @type {Record<string, any>} */ trace) => {
    const name = written(trace.name ?? "")
    if (Array.isArray(trace.z)) {
      return trace.z.flatMap((/** @type {unknown[]} */ line, /** @type {number} */ row) =>
        line.map((value, column) =>
          [name, written(`${trace.x?.[column] ?? column + 1}, ${trace.y?.[row] ?? row + 1}`), written(value)]))
    }
    if (!Array.isArray(trace.x) || !Array.isArray(trace.y)) return []
    const points = trace.x.map((x, place) => [x, trace.y[place]]).filter((point) => point.every(isKnown))
    const step = Math.ceil(points.length / MOST_OF_EACH)
    isThinned ||= step > 1
    const last = points.length - 1
    return points.filter((_, place) => place % step === 0 || place === last)
      .map(([x, y]) => [name, written(x), written(y)])
  })
  const axis = (/** @type {any} */ one, /** @type {string} */ usual) =>
    written((typeof one?.title === "string" ? one.title : one?.title?.text) || usual)
  return { head: ["Of", axis(layout.xaxis, "at"), axis(layout.yaxis, "value")], rows, isThinned }
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

/** What each place shows at the moment. @type {WeakMap<HTMLElement, { figure: Figure, alt: string }>} */
const shown = new WeakMap()

/**
 * Offer the numbers of a figure in its place: T opens and closes them, Escape closes.
 * @param {ParentNode} root
 * @param {Figure} figure
 * @param {string} alt what it shows
 */
export function offerNumbers(root, figure, alt) {
  const frame = find(root, ".cnnlab-charted"), isNew = !shown.has(frame)
  const chart = find(frame, ".cnnlab-figure"), sheet = find(frame, ".cnnlab-numbers")
  shown.set(frame, { figure, alt })
  sheet.ariaLabel = `Numbers: ${alt}`
  const fill = () => {
    const now = shown.get(frame)
    if (now) sheet.replaceChildren(tableOf(numbersOf(now.figure), now.alt))
  }
  if (!sheet.hidden) fill()
  if (!isNew) return
  frame.addEventListener("keydown", (event) => {
    const isToggled = event.key.toLowerCase() === "t" && !event.ctrlKey && !event.metaKey && !event.altKey
    if (!isToggled && !(event.key === "Escape" && !sheet.hidden)) return
    event.preventDefault()
    event.stopPropagation() // Escape would also close what the chart stands in
    sheet.hidden = !sheet.hidden
    if (!sheet.hidden) fill()
    const next = sheet.hidden ? chart : sheet
    next.focus()
  })
}
