// What is said of points, and which sign each has.

import { called } from "../shared/numbers.mjs"

/**
 * @typedef {import("../shared/records.d.ts").CloudData} Data
 * @typedef {"dot" | "cross" | "ring" | "open cross"} Sign
 */

/**
 * The sign of a point: a cross for what is taken for another class, hollow for a training image.
 * @param {Data} data
 * @param {number} at
 * @returns {Sign}
 */
export function signOf({ points }, at) {
  const isWrong = points.label[at] !== points.named[at]
  if (points.is_training[at]) return isWrong ? "open cross" : "ring"
  return isWrong ? "cross" : "dot"
}

/**
 * What is said of a point.
 * @param {Data} data
 * @param {number} at
 */
export function toldOf({ points, classes }, at) {
  const [label, named] = [points.label[at], points.named[at]].map((one) => called(classes[one]))
  const part = points.is_training[at] ? "training image" : "validation image"
  return label === named ? `${label}, recognized · ${part}` : `${label}, taken for ${named} · ${part}`
}

/**
 * The places of the points in the order in which they are drawn: wrong ones last, over the others.
 * @param {Data} data
 */
export function drawnOrder(data) {
  const places = data.points.row.map((_, at) => at)
  const isWrong = (/** @type {number} */ at) => data.points.label[at] !== data.points.named[at]
  return [...places.filter((at) => !isWrong(at)), ...places.filter(isWrong)]
}

/**
 * The colours that have points, with how many.
 * @param {Data} data
 */
export function keyOf({ points, groups }) {
  const counts = groups.map(() => 0)
  for (const group of points.group) counts[group] += 1
  return groups.map(({ name, color }, group) => ({ name, color, count: counts[group] }))
    .filter(({ count }) => count)
}
