import assert from "node:assert/strict"
import { test } from "node:test"
import { Ticks } from "./ticks.mjs"

/** @param {string} id */
function row(id, ticked = false) {
  return { id, ticked, name: id, starred: false, status: "finished", cells: [], curve: [] }
}

const ROWS = ["a", "b", "c", "d"].map((id) => row(id))

test("own ticks outlive news of the runs, and what the page says goes over them", () => {
  const ticks = new Ticks()
  ticks.follow("1", ROWS)
  ticks.set(ROWS, "b", true, false)
  ticks.follow("1", [row("new"), ...ROWS])
  assert.deepEqual(ticks.told(ROWS).ticked, ["b"])
  ticks.follow("2", [row("a", true), ...ROWS.slice(1)])
  assert.deepEqual(ticks.told(ROWS), { shown: ["a", "b", "c", "d"], ticked: ["a"] })
})

test("with the shift key all between two rows are ticked, upwards as well", () => {
  const ticks = new Ticks()
  ticks.set(ROWS, "d", true, false)
  ticks.set(ROWS, "b", true, true)
  assert.deepEqual(ticks.told(ROWS).ticked, ["b", "c", "d"])
  ticks.set(ROWS, "c", false, true)
  assert.deepEqual(ticks.told(ROWS).ticked, ["d"])
  const first = new Ticks()
  first.set(ROWS, "c", true, true)
  assert.deepEqual(first.told(ROWS).ticked, ["c"])
})

test("all that are shown are ticked at once", () => {
  const ticks = new Ticks()
  ticks.setAll(ROWS, true)
  assert.equal(ticks.told(ROWS).ticked.length, 4)
  ticks.setAll(ROWS, false)
  assert.deepEqual(ticks.told(ROWS).ticked, [])
})
