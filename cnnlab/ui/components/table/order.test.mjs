import assert from "node:assert/strict"
import { test } from "node:test"
import { inOrder, turned } from "./order.mjs"

/**
 * @param {string} text
 * @param {number | null} value
 * @returns {import("../shared/records.d.ts").TableRow}
 */
function row(text, value = null) {
  return { id: text, cells: [{ text, value, curve: [] }] }
}

/** @param {import("../shared/records.d.ts").TableRow[]} rows */
function ids(rows) {
  return rows.map(({ id }) => id)
}

test("numbers begin with the greatest, texts with the first, and a second click turns it round", () => {
  assert.deepEqual(turned(null, 1, "number"), { column: 1, way: "descending" })
  const first = turned({ column: 1, way: "descending" }, 0, "text")
  assert.deepEqual(first, { column: 0, way: "ascending" })
  assert.deepEqual(turned(first, 0, "text"), { column: 0, way: "descending" })
})

test("what isn't known is last both ways, and no order is the one that came", () => {
  const rows = [row("9 %", 9), row("–"), row("80 %", 80)]
  assert.deepEqual(ids(inOrder(rows, null)), ["9 %", "–", "80 %"])
  assert.deepEqual(ids(inOrder(rows, { column: 0, way: "descending" })), ["80 %", "9 %", "–"])
  assert.deepEqual(ids(inOrder(rows, { column: 0, way: "ascending" })), ["9 %", "80 %", "–"])
})

test("texts with numbers in them are sorted as people count", () => {
  const rows = [row("trial 10"), row("trial 9")]
  assert.deepEqual(ids(inOrder(rows, { column: 0, way: "ascending" })), ["trial 9", "trial 10"])
})
