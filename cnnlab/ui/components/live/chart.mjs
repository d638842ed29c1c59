// The charts of a run on the page; zoom and hover survive every update.

import { find, make } from "../shared/dom.mjs"
import { libraryAt } from "../shared/library.mjs"
import { plotlyConfig, themedLayout, themeOf } from "../shared/plotly.mjs"
import { ENDED } from "../shared/words.mjs"
import { basisOf, panelsOf } from "./curves.mjs"
import { drawLegend, hiddenSeries } from "./legend.mjs"
import { say, statusOf } from "./part.mjs"
import { marksOf } from "./turns.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("./live.d.ts").Chart} Chart
 * @typedef {import("../shared/plotly.d.ts").Plotly} Plotly
 */

/**
 * The charts' places, of their full height before anything is drawn in them. All are there before
 * the first is drawn: each takes its width from how many there are.
 * @param {HTMLElement} root
 * @param {number} wanted how many
 */
function placesOf(root, wanted) {
  const grid = find(root, ".cnnlab-panels")
  while (grid.childElementCount > wanted) grid.lastElementChild?.remove() // another run's page
  while (grid.childElementCount < wanted) grid.append(make("div"))
  return /** @type {HTMLElement[]} */ ([...grid.children])
}

/** @type {WeakSet<HTMLElement>} places whose chart follows their width */
const followed = new WeakSet()

/**
 * @param {HTMLElement} place
 * @param {Plotly} plotly
 */
function followWidth(place, plotly) {
  if (followed.has(place)) return
  followed.add(place)
  new ResizeObserver(() => {
    if ("data" in place && place.offsetParent) plotly.Plots.resize(place)
  }).observe(place)
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
export function drawChart(root, stream, data) {
  drawLegend(root, data, () => stream.changed())
  const panels = panelsOf(stream, data)
  const places = placesOf(root, panels.length)
  const isEmpty = !stream.epochs.length && !stream.steps.length && !data.parent.length
  find(root, ".cnnlab-empty").hidden = !isEmpty || ENDED.has(statusOf(stream, data))
  say(root, "basis", basisOf(stream, stream.state.facts ?? {}, data))
  const hidden = hiddenSeries(root)
  for (const { traces } of panels)
    for (const trace of traces) trace.visible = !hidden.has(trace.meta ?? trace.name)
  libraryAt(data.plotly).draw(find(root, ".cnnlab-place"), (Plotly) => {
    const layout = layoutOf(root, stream, data)
    return Promise.all(panels.map((panel, index) => drawPanel(places[index], panel, layout, Plotly)))
  })
}

/**
 * What all charts of the run have in common.
 * @param {HTMLElement} root
 * @param {RunStream} stream
 * @param {Chart} data
 */
function layoutOf(root, stream, data) {
  const total = epochsShown(stream, data)
  const theme = themeOf(root)
  const base = themedLayout(theme)
  return {
    ...base,
    ...marksOf(stream, data, total, theme),
    margin: { l: 8, r: 12, t: 54, b: 8 },
    height: 344, // as in live.css
    showlegend: false,
    hovermode: "x unified",
    uirevision: data.stream, // the zoom stays as long as it is the same run
    xaxis: { ...base.xaxis, title: { text: "epoch", standoff: 4 }, range: [0, 1.02 * total],
      ...(total <= 12 ? { dtick: 1 } : {}), hoverformat: ".4~g" },
  }
}

/**
 * @param {HTMLElement} place
 * @param {import("./curves.mjs").Panel} panel
 * @param {ReturnType<typeof layoutOf>} layout
 * @param {Plotly} plotly
 */
function drawPanel(place, { title, ticks, hover, range, traces }, layout, plotly) {
  place.setAttribute("role", "figure")
  place.setAttribute("aria-label", title)
  followWidth(place, plotly)
  return plotly.react(place, traces, {
    ...layout,
    title: { text: title, font: { size: 15 }, x: 0, xref: "paper", xanchor: "left",
      y: 1, yref: "container", yanchor: "top", pad: { t: 8 } },
    yaxis: { ...layout.yaxis, tickformat: ticks, hoverformat: hover, rangemode: "tozero",
      ...(range ? { range } : {}) },
  }, plotlyConfig())
}
