// The charts of a run on the page; zoom and hover survive every update.

import { find } from "../shared/dom.mjs"
import { loadPlotly, plotlyConfig, themedLayout, themeOf } from "../shared/plotly.mjs"
import { ENDED } from "../shared/words.mjs"
import { basisOf, panelsOf } from "./curves.mjs"
import { drawLegend, hiddenSeries } from "./legend.mjs"
import { say } from "./part.mjs"
import { marksOf } from "./turns.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("./live.d.ts").Chart} Chart
 * @typedef {import("../shared/plotly.d.ts").Plotly} Plotly
 */

/**
 * The charts' places. All are there before the first is drawn: each takes its width from how many
 * there are.
 * @param {HTMLElement} root
 * @param {number} wanted how many
 * @param {Plotly} Plotly
 */
function placesOf(root, wanted, Plotly) {
  const grid = find(root, ".cnnlab-panels")
  while (grid.childElementCount > wanted) { // another run's page
    const last = /** @type {HTMLElement} */ (grid.lastElementChild)
    Plotly.purge(last)
    last.remove()
  }
  while (grid.childElementCount < wanted) {
    const place = grid.appendChild(document.createElement("div"))
    new ResizeObserver(() => {
      if ("data" in place && place.offsetParent) Plotly.Plots.resize(place)
    }).observe(place)
  }
  return /** @type {HTMLElement[]} */ ([...grid.children])
}

/**
 * While a run goes on, the epochs to come have their room; then the curves take it.
 * @param {Pick<RunStream, "state" | "epochs">} stream
 * @param {Pick<Chart, "status" | "epochs" | "parent">} data
 */
export function epochsShown(stream, data) {
  const isEnded = ENDED.has(stream.state.status ?? data.status) && stream.epochs.length > 0
  const own = isEnded ? stream.epochs.length : stream.state.facts?.epochs ?? data.epochs
  return Math.max(own, 1 + (data.parent.at(-1)?.epoch ?? 0))
}

/**
 * @param {HTMLElement} root
 * @param {RunStream} stream
 * @param {Chart} data
 */
export async function drawChart(root, stream, data) {
  drawLegend(root, data, () => stream.changed())
  const Plotly = await loadPlotly(data.plotly)
  const total = epochsShown(stream, data)
  const theme = themeOf(root)
  const base = themedLayout(theme)
  const marks = marksOf(stream, data, total, theme)
  const hidden = hiddenSeries(root)
  const panels = panelsOf(stream, data)
  const places = placesOf(root, panels.length, Plotly)
  for (const [index, { title, ticks, hover, range, traces }] of panels.entries()) {
    const place = places[index]
    place.setAttribute("role", "figure")
    place.setAttribute("aria-label", title)
    for (const trace of traces) trace.visible = !hidden.has(trace.meta ?? trace.name)
    Plotly.react(place, traces, {
      ...base,
      ...marks,
      title: { text: title, font: { size: 15 }, x: 0, xref: "paper", xanchor: "left",
        y: 1, yref: "container", yanchor: "top", pad: { t: 8 } },
      margin: { l: 8, r: 12, t: 54, b: 8 },
      height: 344,
      showlegend: false,
      hovermode: "x unified",
      uirevision: data.stream, // the zoom stays as long as it is the same run
      xaxis: { ...base.xaxis, title: { text: "epoch", standoff: 4 }, range: [0, 1.02 * total],
        ...(total <= 12 ? { dtick: 1 } : {}), hoverformat: ".4~g" },
      yaxis: { ...base.yaxis, tickformat: ticks, hoverformat: hover, rangemode: "tozero",
        ...(range ? { range } : {}) },
    }, plotlyConfig())
  }
  const isEmpty = !stream.epochs.length && !stream.steps.length && !data.parent.length
  find(root, ".cnnlab-empty").style.visibility = isEmpty ? "visible" : "hidden"
  say(root, "basis", basisOf(stream, stream.state.facts ?? {}, data))
}
