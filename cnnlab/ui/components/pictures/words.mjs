// What is said of a judged picture.

import { percent } from "../shared/numbers.mjs"

/** @typedef {import("../shared/records.d.ts").Picture} Picture */

/**
 * One line: what it is and what it is taken for.
 * @param {Picture} picture
 */
export function headline(picture) {
  const sure = percent(picture.probability)
  return picture.is_right ? `${picture.true}, recognized with ${sure}`
    : `${picture.true}, taken for ${picture.predicted} with ${sure}`
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
