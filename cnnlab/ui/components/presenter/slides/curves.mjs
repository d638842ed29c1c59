// The chart of the curves: mean curve and band of each arm, and the runs that still train, as SVG.

import { below, gridOf, pathOf, placeOf, svg } from "./svg.mjs"
import { spread, ticksOf, upTo } from "./scale.mjs"

/**
 * @typedef {import("../../shared/records.d.ts").CurvesSlide} Curves
 * @typedef {import("../../shared/records.d.ts").ArmLook} Arm
 * @typedef {import("../../shared/records.d.ts").Series} Series
 * @typedef {import("../../shared/records.d.ts").SeedLine} SeedLine
 * @typedef {import("./svg.mjs").Box} Box
 * @typedef {{ band: SVGElement, line: SVGElement, dot: SVGElement, head: SVGTextElement }} Parts of
 *   an arm's curve
 */

const MOST_LABEL_SHARE = 0.3
const GROWS_MS = 700
const MARK_SIZE = 5 // of the mark at the end of a curve; scaled with the letters

/** The chart, in a place whose size it follows. */
export class CurveChart {
  /** @type {Map<string, Parts>} by arm */
  #parts = new Map()
  /** @type {Map<SeedLine, SVGElement>} */
  #lines = new Map()
  /** @type {Box | undefined} of the axes, once the place has a size */
  #box
  #type = 0 // height of a letter, px
  #labelMost = 0 // width of a label, px
  /** @type {Map<string, number>} how far each curve was drawn the last time */
  #ends = new Map()
  /** @type {number | undefined} the next picture, while curves grow */
  #frame
  /** @type {number | undefined} how far it is drawn; each to its end where that isn't said */
  at
  /** @type {Set<string>} arms that were switched off */
  hidden = new Set()

  /**
   * @param {HTMLElement} place
   * @param {Curves} curves
   * @param {Arm[]} arms
   */
  constructor(place, curves, arms) {
    this.place = place
    this.curves = curves
    this.styles = Object.fromEntries(arms.map((arm) => [arm.name, arm]))
    this.svg = svg("svg", { role: "img" })
    this.place.prepend(this.svg)
    this.size = new ResizeObserver(() => this.frame())
    this.size.observe(place)
  }

  /**
   * Go on with curves that have grown.
   * @param {Curves} curves
   * @param {Arm[]} arms
   */
  update(curves, arms) {
    this.curves = curves
    this.styles = Object.fromEntries(arms.map((arm) => [arm.name, arm]))
    this.frame()
  }

  remove() {
    this.#stop()
    this.size.disconnect()
    this.svg.remove()
  }

  // Axes and the elements that each picture changes; again whenever the size or the curves change.
  frame() {
    this.svg.setAttribute("aria-label", this.curves.alt)
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
    this.#lines = new Map(this.curves.growing.map((line) => [line, this.#growing(line)]))
    this.#parts = new Map(this.curves.arms.map((series) => [series.arm, this.#arm(series)]))
    this.#draw()
  }

  /** @param {number} width of the place, px */
  #labelWidth(width) {
    const probe = svg("text", { class: "cnnlab-p-head", visibility: "hidden" })
    this.svg.append(probe)
    // Of all arms, also those that have no curve yet: the axis keeps its width when they get one.
    const widest = Math.max(0, ...Object.values(this.styles).map(({ label }) => {
      probe.textContent = label
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
    return placeOf(value, this.curves.first, this.curves.last, left, right)
  }

  /**
   * @param {Box} box
   * @param {number} value
   */
  #y({ top, bottom }, value) {
    const [low, high] = this.curves.range
    return placeOf(value, low, high, bottom, top)
  }

  /** @param {Box} box */
  #axes(box) {
    const { left, right, bottom } = box, type = this.#type
    const { first, last, in_share: inShare } = this.curves
    const columns = ticksOf(first, last, (right - left) / (5 * type))
      .filter((value) => inShare || Number.isInteger(value))
    this.svg.append(...gridOf(box, type, this.curves.range, this.curves.in_percent),
      ...columns.map((tick) => below(this.#x(box, tick), bottom + 1.3 * type, tick)),
      below((left + right) / 2, bottom + 2.7 * type, this.curves.axis))
  }

  // What bands have above or below the axis isn't drawn over the rest of the slide.
  /** @param {Box} box */
  #clip({ left, right, top, bottom }) {
    const clip = svg("clipPath", { id: "cnnlab-p-clip" })
    clip.append(svg("rect", { x: left - 4, y: top - 6, width: right - left + 12,
      height: bottom - top + 8 }))
    this.svg.append(clip)
  }

  /** @param {SeedLine} line */
  #growing({ arm }) {
    const path = svg("path", { class: "cnnlab-p-growing", "clip-path": "url(#cnnlab-p-clip)",
      "data-arm": arm, fill: "none", stroke: this.styles[arm].color, "stroke-opacity": 0.6,
      "stroke-width": Math.max(1.5, this.#type / 10), "stroke-linejoin": "round" })
    this.svg.append(path)
    return path
  }

  /**
   * @param {Series} series
   * @returns {Parts}
   */
  #arm({ arm }) {
    const { color, words_color, label, mark } = this.styles[arm]
    const inside = { "clip-path": "url(#cnnlab-p-clip)", "data-arm": arm }
    const parts = {
      band: svg("path", { ...inside, class: "cnnlab-p-band", fill: color, "fill-opacity": 0.14 }),
      line: svg("path", { ...inside, class: "cnnlab-p-line", fill: "none", stroke: color,
        "stroke-width": Math.max(2.5, this.#type / 5), "stroke-linejoin": "round" }),
      dot: mark ? svg("path", { d: mark, fill: color }) : svg("circle", { r: MARK_SIZE, fill: color }),
      head: svg("text", { class: "cnnlab-p-head", style: `fill: ${words_color}`, dy: ".35em" }),
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
    this.#stop()
    this.at = at
    this.#draw()
  }

  /**
   * Draw every curve to its end; what is new grows out of what was there.
   * @param {boolean} isStill whether it is there at once
   */
  follow(isStill) {
    this.#stop()
    this.at = undefined
    const from = new Map(this.#ends), began = performance.now()
    const step = (/** @type {number} */ now) => {
      const share = isStill ? 1 : Math.min(1, Math.max(0, now - began) / GROWS_MS)
      for (const [name, x] of this.#allEnds()) {
        const before = from.get(name) ?? this.curves.first
        this.#ends.set(name, before < x ? before + share * (x - before) : x)
      }
      this.#draw()
      this.#frame = share < 1 ? requestAnimationFrame(step) : undefined
    }
    step(began)
  }

  #stop() {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
  }

  /** @returns {[string, number][]} */
  #allEnds() {
    return [
      ...this.curves.arms.map(({ arm, x }) => /** @type {[string, number]} */ ([arm, x.at(-1) ?? 0])),
      ...this.curves.growing.map((line) => /** @type {[string, number]} */ (
        [`${line.arm} ${line.seed}`, line.x.at(-1) ?? 0])),
    ]
  }

  #draw() {
    const box = this.#box
    if (!box) return
    const endOf = (/** @type {string} */ name, /** @type {number[]} */ x) =>
      this.at ?? this.#ends.get(name) ?? x.at(-1) ?? 0
    for (const [line, path] of this.#lines) this.#drawGrowing(line, path, box, endOf)
    const heads = []
    for (const series of this.curves.arms) {
      const parts = /** @type {Parts} */ (this.#parts.get(series.arm))
      const at = endOf(series.arm, series.x)
      const points = this.hidden.has(series.arm) ? [] : upTo(series, at)
      for (const part of Object.values(parts)) part.style.display = points.length ? "" : "none"
      const last = points.at(-1)
      if (!last) continue
      const places = (/** @type {[number, number][]} */ values) =>
        values.map(([x, y]) => /** @type {[number, number]} */ ([this.#x(box, x), this.#y(box, y)]))
      parts.line.setAttribute("d", pathOf(places(points.map(({ x, mean }) => [x, mean]))))
      parts.band.setAttribute("d", bandOf(points, (outline) => pathOf(places(outline))))
      heads.push({ parts, x: this.#x(box, last.x), y: this.#y(box, last.mean) })
    }
    this.#placeHeads(heads, box)
  }

  /**
   * @param {SeedLine} line
   * @param {SVGElement} path
   * @param {Box} box
   * @param {(name: string, x: number[]) => number} endOf
   */
  #drawGrowing(line, path, box, endOf) {
    const at = endOf(`${line.arm} ${line.seed}`, line.x)
    const points = this.hidden.has(line.arm) ? [] : upToLine(line, at)
    path.style.display = points.length > 1 ? "" : "none"
    path.setAttribute("d", pathOf(points.map(([x, y]) => [this.#x(box, x), this.#y(box, y)])))
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
      parts.dot.setAttribute("transform", `translate(${x} ${y}) scale(${this.#type / 13})`)
      parts.head.setAttribute("x", String(x + 0.8 * this.#type))
      parts.head.setAttribute("y", String(places[place]))
    }
  }
}

/**
 * The points of a run's line up to a place, the last one between two of them.
 * @param {SeedLine} line
 * @param {number} at
 * @returns {[number, number][]}
 */
function upToLine({ arm, x, y }, at) {
  const nothing = y.map(() => null)
  return upTo({ arm, x, mean: y, low: nothing, high: nothing }, at).map((point) => [point.x, point.mean])
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
  return upper.length ? `${path([...upper, ...lower])}Z` : ""
}
