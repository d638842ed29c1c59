import assert from "node:assert/strict"
import { test } from "node:test"

import { keptRange, zoomable } from "./zoom.mjs"

test("an axis that is zoomed grows once the zoom is taken back", () => {
  const begun = keptRange(undefined, undefined, [1, 3])
  assert.deepEqual(begun, { first: [1, 3], given: [1, 3] })
  const grown = keptRange(begun, [1, 3], [1, 5])
  assert.deepEqual(grown, { first: [1, 3], given: [1, 5] })
  const zoomed = keptRange(grown, [1, 2], [1, 8])
  assert.deepEqual(zoomed, { first: [1, 3], given: [1, 5] })
  for (const back of [[1, 5], [1, 3]])
    assert.deepEqual(keptRange(zoomed, back, [1, 8]), { first: [1, 3], given: [1, 8] })
})

test("another thing on the same axis begins anew", () => {
  const place = /** @type {any} */ ({})
  const draw = (/** @type {number[]} */ range, /** @type {string} */ uirevision) => {
    const xaxis = zoomable(place, { range, uirevision })
    place.layout = { xaxis }
    return xaxis.range
  }
  assert.deepEqual(draw([1, 3], "loss"), [1, 3])
  place.layout.xaxis.range = [1.5, 2] // as Plotly does when somebody zooms
  assert.deepEqual(draw([1, 9], "loss"), [1, 3])
  assert.deepEqual(draw([1, 9], "time"), [1, 9])
})
