// The charts of a run on the page; zoom and hover survive every update.

import { find, make } from "../shared/dom.mjs"
import { libraryAt } from "../shared/library.mjs"
import { plotlyConfig, themedLayout, themeOf } from "../shared/plotly.mjs"
import { ENDED } from "../shared/words.mjs"
import { zoomable } from "../shared/zoom.mjs"
import { offerNumbers } from "../figure/numbers.mjs"
import { axisOf, rangeOf } from "./axis.mjs"
import { basisOf, panelsOf } from "./curves.mjs"
import { drawLegend, hiddenSeries } from "./legend.mjs"
import { say, statusOf } from "./part.mjs"
import { give, picture, pointsText } from "./taking.mjs"
import { marksOf } from "./turns.mjs"
import { listenToTools, PLAIN, smoothWords, viewOf } from "./view.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("./live.d.ts").Chart} Chart
 * @typedef {import("../shared/plotly.d.ts").Plotly} Plotly
 */

/** Room for '100 %' at the left of every chart, so that the same epoch lies below itself in all of them. */
const TICKS_PX = 48

/**
 * The charts' places, of their full height before anything is drawn in them. All are there before
 * the first is drawn: each takes its width from how many there are.
 * @param {HTMLElement} root
 * @param {number} wanted how many
 */
function placesOf(root, wanted) {
  const grid = find(root, ".cnnlab-panels")
  while (grid.childElementCount > wanted) grid.lastElementChild?.remove() // another run's page
  while (grid.childElementCount < wanted) grid.append(make("div", "cnnlab-figure"))
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
 * @param {HTMLElement} root
 * @param {RunStream} stream
 * @param {Chart} data
 */
export function drawChart(root, stream, data) {
  drawLegend(root, data, () => stream.changed())
  const view = viewOf(root)
  const axis = axisOf(stream, data, view.by)
  const panels = panelsOf(stream, data, axis, view)
  const places = placesOf(root, panels.length)
  const words = [smoothWords(view)].filter(Boolean)
  listenToTools(root, {
    change: () => stream.changed(),
    csv: () => give(`cnnlab-${data.run}-points.csv`, new Blob(
      [pointsText(stream, stream.state.facts?.steps_per_epoch ?? 0, view)], { type: "text/csv" })),
    png: () => libraryAt(data.plotly).draw(find(root, ".cnnlab-place"), async (plotly) =>
      give(`cnnlab-${data.run}-curves.png`, await picture(plotly, places,
        { lines: [data.title ?? data.run, ...words], theme: themeOf(root) }))),
  })
  const isEmpty = !stream.epochs.length && !stream.steps.length && !data.parent.length
  find(root, ".cnnlab-empty").hidden = !isEmpty || ENDED.has(statusOf(stream, data))
  say(root, "smoothed", smoothWords(view))
  say(root, "basis", basisOf(stream, stream.state.facts ?? {}, data))
  const hidden = hiddenSeries(root)
  for (const { traces } of panels)
    for (const trace of traces) trace.visible = !hidden.has(trace.meta ?? trace.name)
  libraryAt(data.plotly).draw(find(root, ".cnnlab-place"), (Plotly) => {
    const layout = layoutOf(root, stream, data, axis)
    return Promise.all(panels.map((panel, index) => drawPanel(places[index], panel, layout, Plotly)))
  })
  const sheet = find(root, ".cnnlab-numbers")
  for (const [index, place] of places.entries())
    offerNumbers(place, sheet, () => measuredIn(stream, data, axis, index))
}

/**
 * What a chart draws as it was measured, however smooth its curves are.
 * @param {RunStream} stream
 * @param {Chart} data
 * @param {import("./axis.mjs").Axis} axis
 * @param {number} index of the chart
 */
function measuredIn(stream, data, axis, index) {
  const { title, traces } = panelsOf(stream, data, axis, PLAIN)[index]
  const layout = { xaxis: { title: { text: axis.title } } }
  return { figure: { data: traces, layout }, alt: title }
}

/**
 * What all charts of the run have in common.
 * @param {HTMLElement} root
 * @param {RunStream} stream
 * @param {Chart} data
 * @param {import("./axis.mjs").Axis} axis
 */
function layoutOf(root, stream, data, axis) {
  const theme = themeOf(root)
  const base = themedLayout(theme)
  const isFew = axis.by === "epoch" && axis.shown <= 12
  return {
    ...base,
    ...marksOf(stream, data, axis, theme),
    margin: { l: TICKS_PX, r: 12, t: 46, b: 8 },
    showlegend: false,
    hovermode: "x unified",
    uirevision: data.stream, // the zoom stays as long as it is the same run
    xaxis: { ...base.xaxis, title: { text: axis.title, standoff: 4 },
      range: rangeOf(axis), uirevision: `${data.stream} ${axis.by}`,
      ...(isFew ? { tick0: 1, dtick: 1 } : {}), hoverformat: ".4~g" },
  }
}

/**
 * @param {HTMLElement} place
 * @param {import("./curves.mjs").Panel} panel
 * @param {ReturnType<typeof layoutOf>} layout
 * @param {Plotly} plotly
 */
function drawPanel(place, { title, ticks, hover, range, isLog, traces }, layout, plotly) {
  Object.assign(place, { role: "figure", ariaLabel: title, tabIndex: 0 })
  place.setAttribute("aria-keyshortcuts", "T")
  followWidth(place, plotly)
  const scale = isLog ? { type: "log" } : { type: "linear", rangemode: "tozero", ...(range ? { range } : {}) }
  return plotly.react(place, traces, {
    ...layout,
    xaxis: zoomable(place, layout.xaxis),
    height: place.clientHeight || undefined,
    title: { text: title, font: { size: 15 }, x: 0, xref: "paper", xanchor: "left",
      y: 1, yref: "container", yanchor: "top", pad: { t: 6 } },
    yaxis: { ...layout.yaxis, tickformat: ticks, hoverformat: hover, ...scale,
      uirevision: `${layout.uirevision} ${isLog ? "log" : "linear"}` },
  }, plotlyConfig())
}
