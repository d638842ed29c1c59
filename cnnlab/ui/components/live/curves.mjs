// What the charts of a run show: accuracy with its gap, loss, penalty.

import { count, thin } from "../shared/numbers.mjs"
import { MOST_POINTS } from "../shared/words.mjs"
import { bestOf } from "./history.mjs"
import { smoothed } from "./smooth.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("./live.d.ts").Chart} Chart
 * @typedef {import("../shared/records.d.ts").CurveColors} Colors
 * @typedef {import("../shared/records.d.ts").EpochRecord} EpochRecord
 * @typedef {import("../shared/records.d.ts").ParentEpoch} ParentEpoch
 * @typedef {Partial<import("../shared/records.d.ts").WorkerFacts>} Facts
 * @typedef {import("../shared/plotly.d.ts").Trace & { y: (number | null)[] }} Curve
 * @typedef {{ title: string, ticks: string, hover: string, range?: number[], isLog?: boolean,
 *   traces: Curve[] }} Panel
 * @typedef {Colors & { axis: import("./axis.mjs").Axis, smoothing: number }} Looks colours, and where
 *   and how smooth the curves lie
 * @typedef {"cross_entropy" | "accuracy" | "penalty"} SeenField
 * @typedef {"clean_cross_entropy" | "val_cross_entropy" | "clean_accuracy" | "val_accuracy" |
 *   "penalty"} ParentField
 * @typedef {{ seen: "cross_entropy" | "accuracy", clean: ParentField, validation: ParentField }}
 *   Fields of an epoch that a panel draws
 * @typedef {(fields: Fields, hover: string) => Curve[]} TracesOf with the format of their values
 */

export const CLEAN = "clean train"
export const VALIDATION = "validation"
export const SEEN = "train as seen in training"
export const BEST = "best validation accuracy"
export const PARENT = "the run it was forked from"
// Cross-entropy of a class that got no probability at all (1e-7): nothing sensible lies above.
const MOST_NATS = 16.2

/**
 * Colour and line of each kind of curve.
 * @param {Colors} colors
 * @returns {Record<string, { color: string, dash: string, width: number }>}
 */
export function looks(colors) {
  return {
    [CLEAN]: { color: colors.clean, dash: "solid", width: 2.2 },
    [VALIDATION]: { color: colors.validation, dash: "dash", width: 2.2 },
    [SEEN]: { color: colors.train, dash: "solid", width: 1.2 },
  }
}

/**
 * @template {string} Field
 * @param {({ epoch: number } & Partial<Record<Field, number | null>>)[]} rows
 * @param {string} series
 * @param {Field} field
 * @param {Looks} looked
 * @returns {Curve}
 */
function curve(rows, series, field, looked) {
  const { color, dash, width } = looks(looked)[series]
  return {
    x: rows.map((record) => looked.axis.at(record.epoch + 1)),
    y: rows.map((record) => record[field] ?? null),
    name: series,
    mode: rows.length < 2 ? "markers" : "lines",
    marker: { size: 5, color },
    line: { width, color, dash },
    hovertemplate: "%{y}",
  }
}

/**
 * What was measured, faint and behind, and before it the same smoothed; without smoothing only what
 * was measured.
 * @param {Curve} measured
 * @param {number} weight
 * @param {string} hover format of what was measured, as that of the panel
 * @returns {Curve[]} the last one is the one that counts
 */
export function withSmooth(measured, weight, hover) {
  if (!weight || measured.mode === "markers") return [measured]
  const values = smoothed(measured.y, weight)
  const faint = { ...measured, opacity: 0.3, showlegend: false, hoverinfo: "skip", hovertemplate: undefined,
    line: { .../** @type {object} */ (measured.line), width: 1.2 } }
  return [faint, { ...measured, y: values, customdata: measured.y,
    hovertemplate: `%{y} smoothed, %{customdata:${hover}} measured` }]
}

/**
 * The curve of the run that this one was forked from, faint and behind: up to the branch it is the
 * history of both.
 * @param {ParentEpoch[]} rows
 * @param {string} series
 * @param {ParentField} field
 * @param {Looks} colors
 * @returns {Curve}
 */
function parentCurve(rows, series, field, colors) {
  const known = rows.filter(({ epoch }) => epoch < colors.axis.known)
  const trace = curve(known, series, field, colors)
  const { color, dash } = looks(colors)[series]
  return { ...trace, name: `parent, ${series}`, meta: PARENT, opacity: 0.5,
    line: { color, dash, width: 1.4 } }
}

/**
 * The steps of the open epoch, between its beginning and its end on the axis.
 * @param {RunStream} stream
 * @param {Facts} facts
 * @param {"cross_entropy" | "accuracy"} field
 * @param {Looks} colors
 * @returns {Curve}
 */
function insideEpoch(stream, facts, field, colors) {
  const rows = thin(stream.steps, MOST_POINTS)
  return {
    x: rows.map((row) => colors.axis.at(row.epoch + (row.step + 1) / (facts.steps_per_epoch ?? 1))),
    y: rows.map((row) => row[field]),
    name: SEEN,
    showlegend: false,
    mode: "markers",
    marker: { size: 4, color: colors.train, opacity: 0.7 },
    hovertemplate: "%{y} so far",
  }
}

/**
 * In the chart of the accuracy alone: among losses it would be taken for the lowest one.
 * @param {EpochRecord | undefined} best
 * @param {Looks} colors
 * @returns {Curve}
 */
function bestStar(best, colors) {
  return {
    x: best ? [colors.axis.at(best.epoch + 1)] : [],
    y: best ? [best.val_accuracy] : [],
    name: BEST,
    mode: "markers",
    marker: { symbol: "star", size: 13, color: colors.validation },
    hovertemplate: "%{y}",
  }
}

/**
 * The charts of a run, the largest first.
 * @param {RunStream} stream
 * @param {Chart} data
 * @param {import("./axis.mjs").Axis} axis
 * @param {Pick<import("./view.mjs").View, "smoothing" | "isLog">} view
 * @returns {Panel[]}
 */
export function panelsOf(stream, data, axis, { smoothing, isLog }) {
  const { branch } = data
  /** @type {Looks} */
  const colors = { ...data.colors, axis, smoothing }
  const own = thin(stream.epochs.filter((record) => record.epoch >= (branch ?? 0)), MOST_POINTS)
  const parent = branch == null ? [] : thin(parentOf(stream, data.parent, branch), MOST_POINTS)
  const facts = stream.state.facts ?? {}
  /** @type {TracesOf} */
  const traces = (fields, hover) => [
    ...(branch == null ? [] : [
      parentCurve(parent, CLEAN, fields.clean, colors),
      parentCurve(parent, VALIDATION, fields.validation, colors),
    ]),
    ...inOrder([
      curve(own, SEEN, fields.seen, colors),
      curve(own, CLEAN, fields.clean, colors),
      curve(own, VALIDATION, fields.validation, colors),
    ], smoothing, hover),
    insideEpoch(stream, facts, fields.seen, colors),
  ]
  const star = bestStar(bestOf(stream.epochs), colors)
  const panels = [accuracyPanel(traces, star, colors), { ...lossPanel(traces), isLog }]
  const isPenalized = stream.epochs.some((record) => (record.penalty ?? 0) > 0)
  return isPenalized ? [...panels, penaltyPanel(own, parent, colors)] : panels
}

/**
 * Curves with what was measured behind all of them, so that the gap lies between neighbours.
 * @param {Curve[]} curves
 * @param {number} smoothing
 * @param {string} hover
 */
function inOrder(curves, smoothing, hover) {
  const pairs = curves.map((each) => withSmooth(each, smoothing, hover))
  return [...pairs.flatMap((pair) => pair.slice(0, -1)), ...pairs.map((pair) => pair[pair.length - 1])]
}

/**
 * The parent's epochs; where it is gone, this run's own up to the branch, which are the same.
 * @param {RunStream} stream
 * @param {ParentEpoch[]} parent
 * @param {number} branch
 * @returns {ParentEpoch[]}
 */
function parentOf(stream, parent, branch) {
  return parent.length ? parent : stream.epochs.filter((record) => record.epoch <= branch)
}

/**
 * @param {TracesOf} tracesOf
 * @returns {Panel}
 */
function lossPanel(tracesOf) {
  const hover = ".3~g"
  const traces = tracesOf({
    seen: "cross_entropy", clean: "clean_cross_entropy", validation: "val_cross_entropy",
  }, hover)
  const highest = Math.max(...traces.flatMap((trace) => trace.y.map((value) => value ?? 0)))
  return {
    title: "Loss (cross-entropy, nats)", ticks: "~g", hover, traces,
    range: highest > MOST_NATS ? [0, MOST_NATS] : undefined,
  }
}

/**
 * @param {TracesOf} tracesOf
 * @param {Curve} star
 * @param {Colors} colors
 * @returns {Panel}
 */
function accuracyPanel(tracesOf, star, colors) {
  const hover = ".1%"
  const traces = tracesOf(
    { seen: "accuracy", clean: "clean_accuracy", validation: "val_accuracy" }, hover)
  const validation = traces.filter((trace) => trace.name === VALIDATION).at(-1)
  Object.assign(validation ?? {}, { fill: "tonexty", fillcolor: colors.gap })
  return {
    title: "Accuracy, the gap shaded", ticks: ".2~%", hover, range: [0, 1.02],
    traces: [...traces, star],
  }
}

/**
 * @param {EpochRecord[]} own
 * @param {ParentEpoch[]} parent
 * @param {Looks} colors
 * @returns {Panel}
 */
function penaltyPanel(own, parent, colors) {
  const color = { line: { color: colors.penalty }, marker: { color: colors.penalty } }
  const before = { ...parentCurve(parent, SEEN, "penalty", colors), ...color, name: "parent" }
  return { title: "Penalty (L1, L2)", ticks: "~g", hover: ".3~g", traces: [
    ...(parent.length ? [before] : []),
    { ...curve(own, SEEN, "penalty", colors), ...color, name: "penalty" },
  ] }
}

/**
 * What the network started with.
 * @param {import("../shared/records.d.ts").PretrainedFacts} start
 */
function startOf({ source, taken, new: drawn }) {
  const layers = new Set(drawn.map((name) => name.split("/")[0]))
  const begun = layers.size ? `; new: ${[...layers].join(", ")}` : ""
  return `It started with ${count(taken)} arrays of weights of ${source}${begun}.`
}

/**
 * What the numbers rest on: which images, which batch size, and whether they can be had again.
 * @param {Pick<RunStream, "turns">} stream
 * @param {Facts} facts
 * @param {Pick<Chart, "auto_batch_size" | "parent">} data
 */
export function basisOf(stream, facts, data) {
  const parts = ["Clean train and validation: measured with dropout and augmentation off."]
  if (facts.clean_is_subset)
    parts.push(`Clean train on ${count(facts.clean_images ?? 0)} of ` +
      `${count(facts.train_images ?? 0)} images.`)
  if (facts.statistics_images)
    parts.push(`Batch norm's statistics on ${count(facts.statistics_images)} training images.`)
  if (facts.pretrained) parts.push(startOf(facts.pretrained))
  if (facts.cached_features) parts.push(facts.cached_features)
  if (data.auto_batch_size && facts.batch_size_words) parts.push(facts.batch_size_words)
  if (facts.deterministic) parts.push(facts.deterministic)
  if (facts.deterministic?.startsWith("Exact")) {
    if (stream.turns.length) parts.push("To this run its turned dials belong too.")
    if (data.parent.length) parts.push("It begins with its parent's epochs.")
  }
  return parts.join(" ")
}
