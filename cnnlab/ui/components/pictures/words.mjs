// What is said of a judged picture.

import { called, percent } from "../shared/numbers.mjs"

/** @typedef {import("../shared/records.d.ts").Picture} Picture */

/**
 * One line: what it is and what it is taken for.
 * @param {Picture} picture
 */
export function headline(picture) {
  const sure = percent(picture.probability)
  const what = called(picture.true)
  return picture.is_right ? `${what}, recognized with ${sure}`
    : `${what}, taken for ${called(picture.predicted)} with ${sure}`
}

/**
 * How sure the net is of what it says; of which class, where that isn't the true one.
 * @param {Picture} picture
 */
export function sureness(picture) {
  const sure = percent(picture.probability)
  return picture.is_right ? sure : `${called(picture.predicted)} ${sure}`
}

/**
 * The picture after or before one, in a circle.
 * @param {number} at
 * @param {number} step 1 or -1
 * @param {number} count
 */
export function turned(at, step, count) {
  return (at + step + count) % count
}
