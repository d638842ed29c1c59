// The slides with charts of their own: dose and response, worth in images, robustness.

import { make } from "../../shared/dom.mjs"
import { armsByName, dress } from "./plain.mjs"
import { below, gridOf, pathOf, placeOf, svg } from "./svg.mjs"

/**
 * @typedef {import("../../shared/records.d.ts").Story} Story
 * @typedef {import("../../shared/records.d.ts").ArmLook} Arm
 * @typedef {import("../../shared/records.d.ts").Panel} Panel
 * @typedef {import("../../shared/records.d.ts").PanelsSlide} PanelsSlide
 * @typedef {import("../../shared/records.d.ts").Trace} Trace
 * @typedef {import("../../shared/records.d.ts").Mark} Mark
 * @typedef {import("./svg.mjs").Box} Box
 */

/** @type {WeakMap<HTMLElement, ResizeObserver[]>} */
const watched = new WeakMap()

/**
 * @param {HTMLElement} section
 * @param {Story} story
 * @param {PanelsSlide | null} slide
 */
export function drawPanels(section, { arms }, slide) {
  for (const observer of watched.get(section) ?? []) observer.disconnect()
  watched.delete(section)
  if (!slide) return
  const byName = armsByName(arms)
  const grid = make("div", "cnnlab-p-panels")
  grid.dataset.count = String(slide.panels.length)
  const legend = legendOf(slide, byName)
  section.replaceChildren(make("h1", "", slide.title),
    ...slide.words.map((words) => make("p", "cnnlab-p-lead", words)),
    ...(legend.childElementCount > 1 ? [legend] : []), grid, make("p", "cnnlab-p-note", slide.note))
  watched.set(section, slide.panels.map((panel) => {
    const place = make("div", "cnnlab-p-plot")
    const figure = make("figure", "cnnlab-p-panel")
    if (panel.title) figure.append(make("figcaption", "", panel.title))
    figure.append(place)
    grid.append(figure)
    const observer = new ResizeObserver(() => drawPanel(place, panel, byName))
    observer.observe(place)
    return observer
  }))
}

/**
 * @param {PanelsSlide} slide
 * @param {Record<string, Arm>} byName
 */
function legendOf({ panels }, byName) {
  const traces = new Map(panels.flatMap((panel) => panel.traces).map((trace) => [trace.label, trace]))
  return make("div", "cnnlab-p-chips cnnlab-p-legend", ...[...traces.values()].map(({ arm, label }) =>
    dress(make("span", "", label), byName[arm])))
}

/**
 * @param {HTMLElement} place
 * @param {Panel} panel
 * @param {Record<string, Arm>} byName
 */
function drawPanel(place, panel, byName) {
  const { width, height } = place.getBoundingClientRect()
  if (!width || !height) return
  const type = Math.round(Math.min(22, Math.max(11, width / 32)))
  const root = svg("svg", { role: "img", "aria-label": panel.alt, viewBox: `0 0 ${width} ${height}` })
  root.style.setProperty("--type", `${type}px`)
  const box = { left: 3.6 * type, right: width - type, top: type, bottom: height - 3.1 * type }
  const x = (/** @type {number} */ value) =>
    placeOf(value, panel.ends[0], panel.ends[1], box.left, box.right)
  const y = (/** @type {number} */ value) =>
    placeOf(value, panel.range[0], panel.range[1], box.bottom, box.top)
  root.append(...shadeOf(panel, x, box, type), ...gridOf(box, type, panel.range, panel.in_percent),
    ...ticksBelow(panel, x, box, type))
  for (const trace of panel.traces) root.append(...traceOf(trace, byName[trace.arm], x, y, type))
  root.append(...distanceOf(panel, byName, x, y, box, type))
  place.replaceChildren(root)
}

/**
 * Names of places, of which those that would touch the one before are left out.
 * @param {Panel} panel
 * @param {(value: number) => number} x
 * @param {Box} box
 * @param {number} type
 */
function ticksBelow({ ticks, axis }, x, { left, right, bottom }, type) {
  let end = -Infinity
  const shown = ticks.filter(({ at, label }) => {
    const half = 0.3 * type * label.length
    if (x(at) - half < end) return false
    end = x(at) + half + 0.4 * type
    return true
  })
  return [...shown.map(({ at, label }) => below(x(at), bottom + 1.3 * type, label)),
    below((left + right) / 2, bottom + 2.7 * type, axis)]
}

/**
 * @param {Panel} panel
 * @param {(value: number) => number} x
 * @param {Box} box
 * @param {number} type
 * @returns {SVGElement[]}
 */
function shadeOf({ shaded, shaded_label: label }, x, { top, bottom }, type) {
  if (!shaded.length) return []
  const [from, to] = shaded.map(x)
  return [svg("rect", { class: "cnnlab-p-shade", x: from, y: top, width: to - from,
    height: bottom - top }),
  svg("text", { class: "cnnlab-p-axis", x: to - 0.4 * type, y: top + 1.2 * type,
    "text-anchor": "end" }, label)]
}

/**
 * @param {Trace} trace
 * @param {Arm} arm
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} type
 * @returns {SVGElement[]}
 */
function traceOf({ marks, smooth, best }, { color }, x, y, type) {
  const drawn = smooth.length ? smooth : marks.map((mark) => [mark.x, mark.mean])
  const line = svg("path", { fill: "none", stroke: color, "stroke-width": Math.max(2, type / 5),
    "stroke-linejoin": "round",
    d: pathOf(drawn.map(([at, value]) => [x(at), y(value)])) })
  const parts = marks.flatMap((mark, place) => {
    const seeds = mark.seeds.map((value) =>
      svg("circle", { cx: x(mark.x), cy: y(value), r: type / 5.5, fill: color, "fill-opacity": 0.45 }))
    const dot = place === best
      ? svg("path", { d: starAt(x(mark.x), y(mark.mean), type / 1.3), fill: color })
      : svg("circle", { cx: x(mark.x), cy: y(mark.mean), r: type / 3.2, fill: color })
    return [...seeds, dot]
  })
  return [...spreadOf(marks, color, x, y, type), line, ...parts]
}

/**
 * From the low to the high end: bars where there are seeds to be seen, else an area.
 * @param {Mark[]} marks
 * @param {string} color
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} type
 * @returns {SVGElement[]}
 */
function spreadOf(marks, color, x, y, type) {
  const known = marks.flatMap(({ x: at, low, high, seeds }) =>
    low == null || high == null ? [] : [{ at, low, high, seeds }])
  if (known.some(({ seeds }) => seeds.length))
    return known.map(({ at, low, high }) => svg("line", { x1: x(at), x2: x(at), y1: y(low),
      y2: y(high), stroke: color, "stroke-width": type / 2, "stroke-opacity": 0.22,
      "stroke-linecap": "round" }))
  /** @type {[number, number][]} */
  const outline = [...known.map(({ at, high }) => /** @type {[number, number]} */ ([x(at), y(high)])),
    ...known.map(({ at, low }) => /** @type {[number, number]} */ ([x(at), y(low)])).reverse()]
  return outline.length
    ? [svg("path", { d: `${pathOf(outline)}Z`, fill: color, "fill-opacity": 0.12 })] : []
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function starAt(x, y, radius) {
  return `${pathOf(Array.from({ length: 10 }, (_, corner) => {
    const reach = corner % 2 ? radius / 2.4 : radius, angle = (Math.PI * corner) / 5
    return [x + reach * Math.sin(angle), y - reach * Math.cos(angle)]
  }))}Z`
}

/**
 * The horizontal distance that is read off between two curves.
 * @param {Panel} panel
 * @param {Record<string, Arm>} byName
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @param {Box} box
 * @param {number} type
 * @returns {SVGElement[]}
 */
function distanceOf({ distance, traces }, byName, x, y, box, type) {
  if (!distance) return []
  const { color, words_color } = byName[traces[traces.length - 1].arm], level = y(distance.y)
  const parts = []
  if (distance.low != null && distance.high != null)
    parts.push(svg("line", { x1: x(distance.low), x2: x(distance.high), y1: level, y2: level,
      stroke: color, "stroke-width": type / 1.6, "stroke-opacity": 0.28 }))
  parts.push(svg("line", { x1: x(distance.start), x2: x(distance.end), y1: level, y2: level,
    stroke: color, "stroke-width": Math.max(2, type / 6), "stroke-dasharray": "3 4" }))
  // Curves rise to the right, so that right of both there is room; but not at the edge.
  const end = Math.max(...[distance.start, distance.end, distance.high ?? -Infinity].map(x))
  const hasRoom = end + 0.62 * type * distance.label.length < box.right
  parts.push(svg("text", { class: "cnnlab-p-head", x: hasRoom ? end + 0.6 * type : end,
    y: level + (hasRoom ? 0 : 1.1 * type), dy: ".35em", "text-anchor": hasRoom ? "start" : "end",
    style: `fill: ${words_color}` }, distance.label))
  return parts
}
