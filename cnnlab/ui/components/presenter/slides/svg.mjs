// Drawing with SVG: elements, axes.

import { ticksOf } from "./scale.mjs"

/** @typedef {{ left: number, right: number, top: number, bottom: number }} Box of the axes, in px */

const SVG = "http://www.w3.org/2000/svg"

/**
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} [attributes]
 * @param {string | number} [text]
 */
export function svg(name, attributes = {}, text) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  if (text !== undefined) element.textContent = String(text)
  return element
}

/**
 * The horizontal lines of a chart with their numbers.
 * @param {Box} box
 * @param {number} type height of a letter, px
 * @param {number[]} range ends of the y axis
 * @param {boolean} inPercent whether these are shares
 * @returns {SVGElement[]}
 */
export function gridOf(box, type, [low, high], inPercent) {
  const factor = inPercent ? 100 : 1
  const rows = ticksOf(factor * low, factor * high, (box.bottom - box.top) / (3.2 * type))
  const decimals = Math.max(...rows.map((tick) => (String(tick).split(".")[1] ?? "").length))
  return rows.flatMap((tick) => {
    const y = placeOf(tick / factor, low, high, box.bottom, box.top)
    return [svg("line", { class: "cnnlab-p-grid", x1: box.left, x2: box.right, y1: y, y2: y }),
      svg("text", { class: "cnnlab-p-axis", x: box.left - 0.5 * type, y, dy: ".35em",
        "text-anchor": "end" }, `${tick.toFixed(decimals)}${inPercent ? "%" : ""}`)]
  })
}

/**
 * A label below the chart.
 * @param {number} x
 * @param {number} y
 * @param {string | number} text
 */
export function below(x, y, text) {
  return svg("text", { class: "cnnlab-p-axis", x, y, "text-anchor": "middle" }, text)
}

/**
 * Where a value lies between two places, in px.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {number} from place of the low one
 * @param {number} to place of the high one
 */
export function placeOf(value, low, high, from, to) {
  return from + ((value - low) / Math.max(1e-9, high - low)) * (to - from)
}

/**
 * A line through places, as the `d` of a path.
 * @param {[number, number][]} places in px
 */
export function pathOf(places) {
  return `M${places.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`
}
