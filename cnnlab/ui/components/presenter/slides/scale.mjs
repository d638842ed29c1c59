// The arithmetic of axes and intervals.

/**
 * @typedef {{ from: number, to: number, at: (value: number) => number }} Scale ends in the unit, and
 *   where a value lies in percent
 */

/**
 * Round numbers that cover most of the range.
 * @param {number} low
 * @param {number} high
 * @param {number} most about so many
 */
export function ticksOf(low, high, most) {
  const rough = (high - low) / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5].map((factor) => factor * power).find((size) => size >= rough) ?? 10 * power
  const ticks = []
  for (let number = Math.ceil(low / step - 1e-9); number <= high / step + 1e-9; number += 1)
    ticks.push(Number((number * step).toPrecision(12)))
  return ticks
}

const MOST_TICKS = 6

/**
 * All intervals on one scale with zero, the margin around it and a tick on both sides of it.
 * @param {{ mean: number | null, low: number | null, high: number | null,
 *   other_low?: number | null, other_high?: number | null }[]} rows
 * @param {number} [margin]
 * @returns {Scale}
 */
export function scaleOf(rows, margin = 0) {
  const values = rows.flatMap((row) => [row.mean, row.low, row.high, row.other_low, row.other_high])
    .filter((value) => value != null)
  let low = Math.min(-margin, ...values), high = Math.max(margin, ...values)
  const [first, second] = low < high ? ticksOf(low, high, MOST_TICKS) : []
  if (second !== undefined) {
    low = Math.min(low, first - second)
    high = Math.max(high, second - first)
  }
  const edge = 0.08 * (high - low || 1)
  const from = low - edge, to = high + edge
  return { from, to, at: (value) => (100 * (value - from)) / (to - from) }
}

/**
 * Places for labels that would lie upon each other: as near to where they belong as their heights
 * allow (least squares, by pooling adjacent violators).
 * @param {number[]} wanted in ascending order
 * @param {number} height of a label
 * @param {number} least place
 * @param {number} most place
 */
export function spread(wanted, height, least, most) {
  /** @type {{ sum: number, count: number }[]} */
  const blocks = []
  for (const [place, at] of wanted.entries()) {
    let block = { sum: at - place * height, count: 1 }
    for (let last = blocks.at(-1); last && last.sum / last.count > block.sum / block.count;
      last = blocks.at(-1)) {
      blocks.pop()
      block = { sum: last.sum + block.sum, count: last.count + block.count }
    }
    blocks.push(block)
  }
  const starts = blocks.flatMap(({ sum, count }) => Array(count).fill(sum / count))
  const highest = Math.max(least, most - height * (wanted.length - 1))
  return starts.map((start, place) => Math.min(highest, Math.max(least, start)) + place * height)
}

/**
 * @typedef {{ x: number, mean: number | null, low: number | null, high: number | null }} Point
 * @typedef {Point & { mean: number }} Known
 */

/**
 * The points of a curve up to `at`, the last one between two of them where `at` is.
 * @param {import("../../shared/records.d.ts").Series} series
 * @param {number} at
 * @returns {Known[]}
 */
export function upTo(series, at) {
  const points = series.x.map((x, index) =>
    ({ x, mean: series.mean[index], low: series.low[index], high: series.high[index] }))
  const next = points.find((point) => point.x > at)
  const shown = points.filter((point) => point.x <= at)
  const last = shown.at(-1)
  if (next && last) shown.push(between(last, next, at))
  return /** @type {Known[]} */ (shown.filter((point) => point.mean != null))
}

/**
 * @param {Point} one
 * @param {Point} other
 * @param {number} x
 * @returns {Point}
 */
function between(one, other, x) {
  const share = (x - one.x) / (other.x - one.x)
  const mixed = (/** @type {number | null} */ from, /** @type {number | null} */ to) =>
    from == null || to == null ? null : from + share * (to - from)
  return { x, mean: mixed(one.mean, other.mean), low: mixed(one.low, other.low),
    high: mixed(one.high, other.high) }
}
