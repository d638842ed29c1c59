import assert from "node:assert/strict"
import { test } from "node:test"
import { inOrder, turned } from "./order.mjs"

const COLUMNS = [{ label: "a" }]

/**
 * @param {string} text
 * @param {number | null} value
 * @returns {import("../shared/records.d.ts").TableRow}
 */
function row(text, value = null) {
  return { id: text, mark: "", cells: [{ text, value, curve: [] }] }
}

/** @param {import("../shared/records.d.ts").TableRow[]} rows */
function ids(rows) {
  return rows.map(({ id }) => id)
}

test("numbers begin with the greatest, texts with the first, and a second click turns it round", () => {
  assert.deepEqual(turned(null, "b", "number"), { column: "b", way: "descending" })
  const first = turned({ column: "b", way: "descending" }, "a", "text")
  assert.deepEqual(first, { column: "a", way: "ascending" })
  assert.deepEqual(turned(first, "a", "text"), { column: "a", way: "descending" })
})

test("what isn't known is last both ways, and no order is the one that came", () => {
  const rows = [row("9 %", 9), row("–"), row("80 %", 80)]
  assert.deepEqual(ids(inOrder(rows, COLUMNS, null)), ["9 %", "–", "80 %"])
  assert.deepEqual(ids(inOrder(rows, COLUMNS, { column: "a", way: "descending" })), ["80 %", "9 %", "–"])
  assert.deepEqual(ids(inOrder(rows, COLUMNS, { column: "a", way: "ascending" })), ["9 %", "80 %", "–"])
})

test("texts with numbers in them are sorted as people count", () => {
  const rows = [row("trial 10"), row("trial 9")]
  assert.deepEqual(ids(inOrder(rows, COLUMNS, { column: "a", way: "ascending" })), ["trial 9", "trial 10"])
})

test("an order stays with its column, and where that is gone the rows stand as they came", () => {
  const first = row("x", 1), second = row("y", 2)
  const rows = [first, second]
  const order = turned(null, "a", "number")
  assert.deepEqual(ids(inOrder(rows, COLUMNS, order)), ["y", "x"])
  const more = rows.map((each) => ({ ...each, cells: [row("same").cells[0], ...each.cells] }))
  assert.deepEqual(ids(inOrder(more, [{ label: "new" }, ...COLUMNS], order)), ["y", "x"])
  assert.deepEqual(ids(inOrder(rows, [{ label: "other" }], order)), ["x", "y"])
})
