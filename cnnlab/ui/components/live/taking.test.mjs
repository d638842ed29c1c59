import assert from "node:assert/strict"
import { test } from "node:test"

import { smoothed } from "./smooth.mjs"
import { pointsText } from "./taking.mjs"

const epochs = /** @type {any} */ ([
  { epoch: 0, seconds: 2, evaluation_seconds: 0.5, cross_entropy: 1.5, accuracy: 0.5,
    clean_cross_entropy: 1, clean_accuracy: 0.25, val_cross_entropy: 2, val_accuracy: 0, penalty: 0.1 },
  { epoch: 1, seconds: 2, cross_entropy: 1, accuracy: 0.75, clean_cross_entropy: 0.5,
    clean_accuracy: null, val_cross_entropy: 1, val_accuracy: 1, penalty: 0 },
])
const view = /** @type {const} */ ({ by: "epoch", isLog: false })

test("the points are what was measured, with where each epoch lies", () => {
  const lines = pointsText({ epochs }, 10, { ...view, smoothing: 0 }).split("\r\n")
  assert.equal(lines[0], "epoch,step,seconds,cross_entropy,accuracy,clean_cross_entropy," +
    "clean_accuracy,val_cross_entropy,val_accuracy,penalty")
  assert.deepEqual(lines.slice(1), ["1,10,2.5,1.5,0.5,1,0.25,2,0,0.1", "2,20,4.5,1,0.75,0.5,,1,1,0", ""])
})

test("smoothed values are named as such, beside the measured ones", () => {
  const [head, , second] = pointsText({ epochs }, 0, { ...view, smoothing: 0.5 }).split("\r\n")
  assert.ok(head.endsWith("penalty,cross_entropy_smoothed_0.5,accuracy_smoothed_0.5," +
    "clean_cross_entropy_smoothed_0.5,clean_accuracy_smoothed_0.5,val_cross_entropy_smoothed_0.5," +
    "val_accuracy_smoothed_0.5"))
  assert.equal(second.split(",")[1], "")
  assert.equal(Number(second.split(",").at(-1)), 0.5 / 0.75)
})

test("a smoothed curve begins with the first value, and what is missing stays missing", () => {
  assert.deepEqual(smoothed([2, null, 2, 2], 0.9), [2, null, 2, 2])
  assert.deepEqual(smoothed([0, 1], 0), [0, 1])
  const [first, , last] = smoothed([0, 1, 1], 0.6)
  assert.equal(first, 0)
  assert.ok(last != null && last > 0.5 && last < 1)
})
