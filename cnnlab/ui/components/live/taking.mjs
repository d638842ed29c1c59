// The points of a run's curves as CSV, and the charts as a picture: made by the browser of what it
// shows.

import { make } from "../shared/dom.mjs"
import { smoothed } from "./smooth.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("../shared/plotly.d.ts").Plotly} Plotly
 * @typedef {import("../shared/plotly.d.ts").Theme} Theme
 * @typedef {import("../shared/records.d.ts").EpochRecord} EpochRecord
 */

/** @type {(keyof EpochRecord)[]} what the charts draw of an epoch */
const DRAWN = ["cross_entropy", "accuracy", "clean_cross_entropy", "clean_accuracy",
  "val_cross_entropy", "val_accuracy", "penalty"]
const SMOOTHED = DRAWN.slice(0, -1) // the penalty has no noise

/**
 * Every finished epoch as a line: where it lies, what was measured, and, where the curves are
 * smoothed, what is drawn instead.
 * @param {Pick<RunStream, "epochs">} stream
 * @param {number} stepsPerEpoch 0 where it isn't known
 * @param {import("./view.mjs").View} view
 */
export function pointsText({ epochs }, stepsPerEpoch, { smoothing }) {
  let seconds = 0
  const drawn = smoothing ? SMOOTHED.map((field) =>
    smoothed(epochs.map((record) => /** @type {number | null} */ (record[field])), smoothing)) : []
  const head = ["epoch", "step", "seconds", ...DRAWN,
    ...drawn.map((_, at) => `${SMOOTHED[at]}_smoothed_${smoothing}`)]
  const lines = epochs.map((record, at) => {
    seconds += record.seconds + (record.evaluation_seconds ?? 0)
    const steps = stepsPerEpoch ? (record.epoch + 1) * stepsPerEpoch : ""
    return [record.epoch + 1, steps, Number(seconds.toPrecision(8)),
      ...DRAWN.map((field) => record[field] ?? ""), ...drawn.map((values) => values[at] ?? "")]
  })
  return [head, ...lines].map((line) => line.join(",")).join("\r\n") + "\r\n"
}

/**
 * Give the user a file.
 * @param {string} name
 * @param {Blob} content
 */
export function give(name, content) {
  const address = URL.createObjectURL(content)
  const link = make("a")
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000) // a browser may read it a little later
}

const SCALE = 2 // device pixels of the picture for one of the page
const GAP_PX = 12
const HEAD_PX = 30 // of a line above the charts
const LEGEND_PX = 34

/**
 * The charts below one another as they are zoomed now, with what the lines mean, as PNG.
 * @param {Plotly} plotly
 * @param {HTMLElement[]} places in which it has drawn
 * @param {{ lines: string[], theme: Theme }} looks what stands above them, the run's name first
 * @returns {Promise<Blob>}
 */
export async function picture(plotly, places, { lines, theme }) {
  const width = Math.max(...places.map((place) => place.clientWidth))
  const images = await Promise.all(places.map((place, at) =>
    chartImage(plotly, place, width, { theme, legend: at === 0 })))
  const canvas = make("canvas")
  canvas.width = SCALE * width
  canvas.height = SCALE * (lines.length * HEAD_PX + GAP_PX) +
    images.reduce((sum, { naturalHeight }) => sum + naturalHeight + SCALE * GAP_PX, 0)
  const context = canvas.getContext("2d")
  if (!context) throw new Error("This browser can't draw a picture.")
  context.fillStyle = theme.background
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = theme.text
  let y = SCALE * GAP_PX
  for (const [at, line] of lines.entries()) {
    context.font = `${at ? 400 : 600} ${SCALE * (at ? 13 : 18)}px ${theme.font}`
    y += SCALE * HEAD_PX
    context.fillText(line, SCALE * 8, y - SCALE * 10, canvas.width - SCALE * 16)
  }
  for (const image of images) {
    context.drawImage(image, 0, y)
    y += image.naturalHeight + SCALE * GAP_PX
  }
  return new Promise((resolve, reject) => canvas.toBlob((blob) =>
    blob ? resolve(blob) : reject(new Error("The picture could not be made."))))
}

/**
 * @param {Plotly} plotly
 * @param {HTMLElement} place
 * @param {number} width px
 * @param {{ legend: boolean, theme: Theme }} looks
 * @returns {Promise<HTMLImageElement>}
 */
async function chartImage(plotly, place, width, { legend, theme }) {
  const { data, layout } = /** @type {import("../shared/plotly.d.ts").Drawn} */ (place)
  const room = legend ? LEGEND_PX : 0
  const figure = { data, layout: { ...layout, showlegend: legend,
    margin: { ...layout.margin, t: (layout.margin?.t ?? 0) + room },
    legend: { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", traceorder: "normal" },
    paper_bgcolor: theme.background } }
  const address = await plotly.toImage(figure,
    { format: "png", width, height: place.clientHeight + room, scale: SCALE })
  const image = new Image()
  image.src = address
  await image.decode()
  return image
}
