// A Plotly figure drawn from data, in the theme of the moment.

import { find } from "../shared/dom.mjs"
import { libraryAt } from "../shared/library.mjs"
import { plotlyConfig, themedLayout, themeOf } from "../shared/plotly.mjs"

/**
 * @typedef {import("../shared/plotly.d.ts").Figure} Figure
 * @typedef {{ figure: Figure, plotly: string, alt: string, height: number, tools: boolean }} Data
 *   `height` in px; without `tools` no buttons lie over it
 */

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
 * Where there is no room beside the curves, their names go into a legend below.
 * @param {Figure} figure
 * @returns {Figure}
 */
export function narrowed(figure) {
  return {
    data: figure.data.map((trace) =>
      trace.name && trace.mode === "lines" ? { ...trace, showlegend: true } : trace),
    layout: {
      ...figure.layout, annotations: [], showlegend: true,
      margin: { ...figure.layout.margin, r: 8 },
      legend: { orientation: "h", x: 0, y: -0.38, yanchor: "top", itemclick: false },
    },
  }
}

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement }) {
  const element = find(parentElement, ".cnnlab-figure")
  element.style.height = `${data.height}px`
  element.setAttribute("role", "figure")
  element.setAttribute("aria-label", data.alt)
  libraryAt(data.plotly).draw(element, (Plotly) => {
    const theme = themeOf(parentElement)
    const isNarrow = element.clientWidth > 0 && element.clientWidth < NARROW_PX
    const usesLegend = isNarrow && data.figure.layout.meta?.narrow === "legend"
    const figure = usesLegend ? narrowed(data.figure) : data.figure
    const layout = merged(themedLayout(theme), figure.layout)
    // Plotly picks the colour of a cell's text for an opaque cell; ours let the background through.
    const traces = figure.data.map((trace) =>
      trace.type === "heatmap" ? { ...trace, textfont: { color: theme.text } } : trace)
    const config = data.tools ? plotlyConfig() : { ...plotlyConfig(), displayModeBar: false }
    return Plotly.react(element, traces, layout, config)
  })
}
