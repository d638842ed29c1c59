import assert from "node:assert/strict"
import { test } from "node:test"
import { wholeRows } from "./rows.mjs"

test("a table that is too high ends at a whole row and says how many are left", () => {
  assert.deepEqual(wholeRows([80, 120, 160, 200], 170), { end: 160, left: 1 })
  assert.deepEqual(wholeRows([80, 120, 160, 200], 160), { end: 160, left: 1 })
})

test("what fits is shown whole, and a row that is higher than the room is shown all the same", () => {
  assert.deepEqual(wholeRows([80, 120], 120), { end: 120, left: 0 })
  assert.deepEqual(wholeRows([500, 900], 300), { end: 500, left: 1 })
  assert.deepEqual(wholeRows([], 300), { end: 0, left: 0 })
})
