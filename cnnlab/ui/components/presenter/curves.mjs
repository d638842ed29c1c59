// The chart of the replay: mean curve and band of each arm up to a place on the x axis, as SVG.

import { spread, ticksOf, upTo } from "./scale.mjs"

/**
 * @typedef {import("../shared/records.d.ts").Story} Story
 * @typedef {import("../shared/records.d.ts").Series} Series
 * @typedef {{ left: number, right: number, top: number, bottom: number }} Box
 * @typedef {{ band: SVGElement, line: SVGElement, dot: SVGElement, head: SVGTextElement }} Parts of
 *   an arm's curve
 */

const SVG = "http://www.w3.org/2000/svg"
/** @type {Record<string, string>} */
const DASHES = {
  solid: "", dash: "9 5", dashdot: "9 4 2 4", dot: "2 4", longdash: "16 6", longdashdot: "16 5 3 5",
}
const MOST_LABEL_SHARE = 0.3

/**
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} [attributes]
 * @param {string | number} [text]
 */
function svg(name, attributes = {}, text) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  if (text !== undefined) element.textContent = String(text)
  return element
}

/** The chart, in a place whose size it follows. */
export class CurveChart {
  /** @type {Map<string, Parts>} by arm */
  #parts = new Map()
  /** @type {Box | undefined} of the axes, once the place has a size */
  #box
  #type = 0 // height of a letter, px
  #labelMost = 0 // width of a label, px
  /** @type {number | undefined} how far it is drawn */
  at
  /** @type {Set<string>} arms that were switched off */
  hidden = new Set()

  /**
   * @param {HTMLElement} place
   * @param {Story} story
   */
  constructor(place, story) {
    this.place = place
    this.curves = story.curves
    this.styles = Object.fromEntries(story.arms.map((arm) => [arm.name, arm]))
    this.svg = svg("svg", { role: "img", "aria-label": story.curves.alt })
    this.place.prepend(this.svg)
    this.size = new ResizeObserver(() => this.frame())
    this.size.observe(place)
  }

  remove() {
    this.size.disconnect()
    this.svg.remove()
  }

  // Axes and the elements that each picture changes; again whenever the size changes.
  frame() {
    const { width, height } = this.place.getBoundingClientRect()
    if (!width || !height) return
    const type = Math.round(Math.min(30, Math.max(12, width / 58)))
    this.svg.style.setProperty("--type", `${type}px`)
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
    this.svg.replaceChildren()
    this.#type = type
    const right = width - this.#labelWidth(width)
    const box = { left: 3.4 * type, right, top: 0.8 * type, bottom: height - 3 * type }
    this.#box = box
    this.#axes(box)
    this.#clip(box)
    this.#parts = new Map(this.curves.arms.map((series) => [series.arm, this.#arm(series)]))
    this.draw(this.at ?? this.curves.first)
  }

  /** @param {number} width of the place, px */
  #labelWidth(width) {
    const probe = svg("text", { class: "cnnlab-p-head", visibility: "hidden" })
    this.svg.append(probe)
    const widest = Math.max(0, ...this.curves.arms.map((series) => {
      probe.textContent = this.styles[series.arm].label
      return probe.getComputedTextLength()
    }))
    this.#labelMost = Math.min(widest, MOST_LABEL_SHARE * width)
    probe.remove()
    return this.#labelMost + 1.2 * this.#type
  }

  /**
   * @param {Box} box
   * @param {number} value
   */
  #x({ left, right }, value) {
    const { first, last } = this.curves
    return left + ((value - first) / Math.max(1e-9, last - first)) * (right - left)
  }

  /**
   * @param {Box} box
   * @param {number} value
   */
  #y({ top, bottom }, value) {
    const [low, high] = this.curves.range
    return bottom - ((value - low) / (high - low)) * (bottom - top)
  }

  /** @param {Box} box */
  #axes(box) {
    const { left, right, top, bottom } = box, [low, high] = this.curves.range
    const factor = this.curves.in_percent ? 100 : 1
    const rows = ticksOf(factor * low, factor * high, (bottom - top) / (3.2 * this.#type))
    const decimals = Math.max(...rows.map((tick) => (String(tick).split(".")[1] ?? "").length))
    for (const tick of rows) {
      const y = this.#y(box, tick / factor)
      this.svg.append(svg("line", { class: "cnnlab-p-grid", x1: left, x2: right, y1: y, y2: y }))
      this.svg.append(svg("text", { class: "cnnlab-p-axis", x: left - 0.5 * this.#type, y,
        dy: ".35em", "text-anchor": "end" },
      `${tick.toFixed(decimals)}${this.curves.in_percent ? "%" : ""}`))
    }
    const { first, last } = this.curves
    const columns = ticksOf(first, last, (right - left) / (5 * this.#type))
    for (const tick of columns.filter((value) => this.curves.in_share || Number.isInteger(value)))
      this.svg.append(svg("text", { class: "cnnlab-p-axis", x: this.#x(box, tick),
        y: bottom + 1.3 * this.#type, "text-anchor": "middle" }, tick))
    this.svg.append(svg("text", { class: "cnnlab-p-axis", x: (left + right) / 2,
      y: bottom + 2.7 * this.#type, "text-anchor": "middle" }, this.curves.axis))
  }

  // What bands have above or below the axis isn't drawn over the rest of the slide.
  /** @param {Box} box */
  #clip({ left, right, top, bottom }) {
    const clip = svg("clipPath", { id: "cnnlab-p-clip" })
    clip.append(svg("rect", { x: left - 4, y: top - 6, width: right - left + 12,
      height: bottom - top + 8 }))
    this.svg.append(clip)
  }

  /**
   * @param {Series} series
   * @returns {Parts}
   */
  #arm({ arm }) {
    const { color, dash, label } = this.styles[arm]
    const inside = { "clip-path": "url(#cnnlab-p-clip)", "data-arm": arm }
    const parts = {
      band: svg("path", { ...inside, class: "cnnlab-p-band", fill: color, "fill-opacity": 0.14 }),
      line: svg("path", { ...inside, class: "cnnlab-p-line", fill: "none", stroke: color,
        "stroke-width": Math.max(2.5, this.#type / 5), "stroke-linejoin": "round",
        "stroke-dasharray": DASHES[dash] ?? "" }),
      dot: svg("circle", { r: this.#type / 2.6, fill: color }),
      head: svg("text", { class: "cnnlab-p-head", style: `fill: ${color}`, dy: ".35em" }),
    }
    this.svg.append(...Object.values(parts))
    this.#shorten(parts.head, label)
    return parts
  }

  /**
   * @param {SVGTextElement} element
   * @param {string} text
   */
  #shorten(element, text) {
    element.textContent = text
    for (let most = text.length - 1; most > 1; most -= 1) {
      if (element.getComputedTextLength() <= this.#labelMost + 1) return
      element.textContent = `${text.slice(0, most)}…`
    }
  }

  /**
   * Draw the curves up to a place on the x axis.
   * @param {number} at
   */
  draw(at) {
    this.at = at
    const box = this.#box
    if (!box) return
    const heads = []
    for (const series of this.curves.arms) {
      const parts = /** @type {Parts} */ (this.#parts.get(series.arm))
      const points = this.hidden.has(series.arm) ? [] : upTo(series, at)
      for (const part of Object.values(parts)) part.style.display = points.length ? "" : "none"
      const last = points.at(-1)
      if (!last) continue
      const path = (/** @type {[number, number][]} */ places) => places
        .map(([x, y]) => `${this.#x(box, x).toFixed(1)} ${this.#y(box, y).toFixed(1)}`).join("L")
      parts.line.setAttribute("d", `M${path(points.map(({ x, mean }) => [x, mean]))}`)
      parts.band.setAttribute("d", bandOf(points, path))
      heads.push({ parts, x: this.#x(box, last.x), y: this.#y(box, last.mean) })
    }
    this.#placeHeads(heads, box)
  }

  /**
   * The labels ride with the curves.
   * @param {{ parts: Parts, x: number, y: number }[]} heads
   * @param {Box} box
   */
  #placeHeads(heads, { top, bottom }) {
    heads.sort((one, other) => one.y - other.y)
    const places = spread(heads.map(({ y }) => y), 1.15 * this.#type, top, bottom)
    for (const [place, { parts, x, y }] of heads.entries()) {
      parts.dot.setAttribute("cx", String(x))
      parts.dot.setAttribute("cy", String(y))
      parts.head.setAttribute("x", String(x + 0.8 * this.#type))
      parts.head.setAttribute("y", String(places[place]))
    }
  }
}

/**
 * The outline of a band, along its upper edge and back along the lower one.
 * @param {import("./scale.mjs").Known[]} points
 * @param {(places: [number, number][]) => string} path
 */
function bandOf(points, path) {
  /** @type {[number, number][]} */
  const upper = []
  /** @type {[number, number][]} */
  const lower = []
  for (const { x, low, high } of points) {
    if (low == null || high == null) continue
    upper.push([x, high])
    lower.unshift([x, low])
  }
  return upper.length ? `M${path(upper)}L${path(lower)}Z` : ""
}
