import assert from "node:assert/strict"
import { test } from "node:test"
import { polyline } from "./sparkline.mjs"

test("a curve fills its box, from its top for 1 to its bottom for 0", () => {
  assert.equal(polyline([0, 0.5, 1, 2], 90, 20), "0.0,20.0 30.0,10.0 60.0,0.0 90.0,0.0")
  assert.equal(polyline([0.5], 90, 20), "0.0,10.0")
})
