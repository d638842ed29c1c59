import assert from "node:assert/strict"
import { test } from "node:test"

import { Matrix, MOST_CLASSES, moved, short, shortNames } from "./matrix.mjs"

/**
 * @param {[number, number, number][]} cells true, predicted, images
 * @param {number} classes
 */
const made = (cells, classes = 3) => new Matrix({
  version: "",
  chosen: [],
  classes: Array.from({ length: classes }, (_, label) => `class ${label}`),
  cells: cells.map(([label, predicted, images]) => ({ true: label, predicted, images })),
})

test("a share is of the true class's images or of those taken for the predicted one", () => {
  const matrix = made([[0, 0, 6], [0, 1, 2], [1, 1, 8], [2, 1, 6]])
  assert.equal(matrix.count(0, 1), 2)
  assert.equal(matrix.count(1, 0), 0)
  assert.equal(matrix.share(0, 1, "counts"), 0.25)
  assert.equal(matrix.share(0, 1, "true"), 0.25)
  assert.equal(matrix.share(0, 1, "predicted"), 0.125)
  assert.equal(matrix.share(0, 2, "predicted"), 0) // nothing is taken for it
})

test("of few classes all are drawn, of many those that are confused most", () => {
  assert.deepEqual(made([[0, 2, 5]]).drawn(), [0, 1, 2])
  const drawn = made([[49, 48, 5], [3, 3, 90]], 50).drawn()
  assert.equal(drawn.length, MOST_CLASSES)
  assert.deepEqual(drawn.slice(-2), [48, 49])
  assert.deepEqual(drawn, [...drawn].sort((one, other) => one - other))
})

test("around a class that is asked for are those that it is confused with", () => {
  const matrix = made([[49, 48, 5], [45, 44, 9], [44, 47, 1]], 50)
  const drawn = new Set(matrix.drawn(44))
  assert.deepEqual([44, 45, 47, 48, 49].map((label) => drawn.has(label)),
    [true, true, true, false, false])
  assert.ok(new Set(matrix.drawn(43)).has(43))
})

test("a class is found by its name, its beginning or a part of it", () => {
  const classes = ["high boot", "boots", "boot", "Bag"]
  const matrix = new Matrix({ version: "", classes, cells: [], chosen: [] })
  const found = ["boot", "boots", "BOO", "igh", " bag ", "x", ""].map((text) => matrix.find(text))
  assert.deepEqual(found, [2, 1, 1, 0, 3, null, null])
})

test("keys lead through the cells and stop at the edges", () => {
  const go = (/** @type {string} */ key, ctrlKey = false) => moved({ key, ctrlKey }, { row: 1, column: 0 }, 3)
  assert.deepEqual(go("ArrowUp"), { row: 0, column: 0 })
  assert.deepEqual(go("ArrowDown"), { row: 2, column: 0 })
  assert.deepEqual(go("ArrowLeft"), { row: 1, column: 0 })
  assert.deepEqual(go("ArrowRight"), { row: 1, column: 1 })
  assert.deepEqual(go("End"), { row: 1, column: 2 })
  assert.deepEqual(go("End", true), { row: 2, column: 2 })
  assert.deepEqual(go("Home", true), { row: 0, column: 0 })
  assert.deepEqual(go("PageDown"), { row: 2, column: 0 })
  assert.equal(go("a"), undefined)
})

test("a narrow cell says thousands in three signs", () => {
  assert.deepEqual([0, 7, 999].map(short), ["", "", ""])
  assert.deepEqual([1000, 1234, 9949, 9950, 12345].map(short), ["1k", "1.2k", "9.9k", "10k", "12k"])
})

test("long names are cut, those that begin alike in the middle, so that they stay different", () => {
  const names = shortNames(["bag", "elevenchars", "ankle boots of leather"])
  assert.deepEqual(names, ["bag", "elevenchars", "ankle boot…"])
  const cut = shortNames(["traffic sign left", "traffic sign right", "traffic light"])
  assert.deepEqual(cut, ["traff… left", "traff…right", "traffic li…"])
})
