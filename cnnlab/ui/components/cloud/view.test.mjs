import assert from "node:assert/strict"
import { test } from "node:test"

import { enclosed, fitted, moved, nearest, seen, zoomed } from "./view.mjs"

const POINTS = { x: [-10, 0, 10, 3], y: [-5, 0, 5, 4] }

test("all points are in sight, with one scale for both axes, and up is up", () => {
  const view = fitted(POINTS, 432, 332)
  assert.equal(view.scale, 20)
  assert.deepEqual(seen(view, -10, -5), { x: 16, y: 266 })
  assert.deepEqual(seen(view, 10, 5), { x: 416, y: 66 })
})

test("points in one place lie in the middle, and none are no error", () => {
  const view = fitted({ x: [2, 2], y: [3, 3] }, 400, 300)
  assert.deepEqual(seen(view, 2, 3), { x: 200, y: 150 })
  assert.deepEqual(seen(fitted({ x: [], y: [] }, 400, 300), 0, 0), { x: 200, y: 150 })
})

test("who comes closer keeps the place that is pointed at", () => {
  const view = fitted(POINTS, 432, 332), at = seen(view, 3, 4), closer = zoomed(view, 1.5, at)
  assert.equal(closer.scale, 30)
  const still = seen(closer, 3, 4)
  assert.ok(Math.abs(still.x - at.x) < 1e-9 && Math.abs(still.y - at.y) < 1e-9)
  const back = seen(moved(view, 5, -7), 3, 4)
  assert.deepEqual(back, { x: at.x + 5, y: at.y - 7 })
})

test("the nearest point is found, and none where none is near", () => {
  const view = fitted(POINTS, 432, 332), at = seen(view, 3, 4)
  assert.equal(nearest(POINTS, view, { x: at.x + 5, y: at.y }, 12), 3)
  assert.equal(nearest(POINTS, view, { x: at.x + 40, y: at.y - 60 }, 12), -1)
})

test("a lasso selects what is in it, whatever its shape", () => {
  const view = fitted(POINTS, 432, 332)
  const around = [[-1, -1], [11, -1], [11, 6], [9, 6], [9, 1], [-1, 1]].map(([x, y]) => seen(view, x, y))
  assert.deepEqual(enclosed(POINTS, view, around), [1, 2])
  assert.deepEqual(enclosed(POINTS, view, around.slice(0, 1)), [])
})
