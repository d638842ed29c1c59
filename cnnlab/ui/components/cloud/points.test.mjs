import assert from "node:assert/strict"
import { test } from "node:test"

import { drawnOrder, keyOf, signOf, toldOf } from "./points.mjs"

/** @type {import("../shared/records.d.ts").CloudData} */
const DATA = {
  points: {
    row: [7, 3, 9, 4], x: [1, 2, 3, 4], y: [5, 6, 7, 8], label: [0, 1, 0, 1], named: [0, 0, 0, 0],
    group: [0, 1, 0, 1], is_training: [0, 0, 1, 1],
  },
  groups: [{ name: "cat", color: "#111" }, { name: "dog", color: "#222" }, { name: "eel", color: "#333" }],
  classes: ["cat", "dog", "eel"], address: "/api", label: "", height: 500, version: "1", selected: [],
}

test("what is wrong is a cross, a training image is hollow", () => {
  assert.deepEqual([0, 1, 2, 3].map((at) => signOf(DATA, at)), ["dot", "cross", "ring", "open cross"])
})

test("a point says what it is and what it is taken for", () => {
  assert.equal(toldOf(DATA, 0), "cat, recognized · validation image")
  assert.equal(toldOf(DATA, 1), "dog, taken for cat · validation image")
  assert.equal(toldOf(DATA, 3), "dog, taken for cat · training image")
})

test("wrong ones lie over the others", () => {
  assert.deepEqual(drawnOrder(DATA), [0, 2, 1, 3])
})

test("the key names the colours that have points", () => {
  assert.deepEqual(keyOf(DATA).map(({ name, count }) => [name, count]), [["cat", 2], ["dog", 2]])
})
