import assert from "node:assert/strict"
import { test } from "node:test"

import { axisOf, keptRange, roomFor } from "./axis.mjs"

/**
 * @param {number} done
 * @param {object} [more] of the stream
 */
const stream = (done, more = {}) => /** @type {any} */ ({
  epochs: Array.from({ length: done }, (_, epoch) => ({ epoch, seconds: 3, evaluation_seconds: 1 })),
  steps: [], state: { facts: { epochs: 50, steps_per_epoch: 10 } }, ...more,
})
const data = /** @type {any} */ ({ status: "running", epochs: 50, parent: [] })

test("the axis grows with the curves, and says where the end is", () => {
  const rooms = [0, 2, 3, 4, 7, 20, 30, 40, 50].map((done) => roomFor(done, 50))
  assert.deepEqual(rooms, [3, 3, 5, 5, 8, 25, 50, 50, 50])
  assert.equal(roomFor(90, 100_000), 100)
  assert.ok(roomFor(5000, 100_000) < 10_000)
  const axis = axisOf(stream(3), data, "epoch")
  assert.deepEqual([axis.shown, axis.title], [5, "epoch (to epoch 50)"])
  assert.equal(axisOf(stream(45), data, "epoch").title, "epoch")
})

test("a run that has ended fills it, however many epochs were asked for", () => {
  const ended = stream(3, { state: { status: "stopped", facts: { epochs: 50, steps_per_epoch: 10 } } })
  const axis = axisOf(ended, data, "step")
  assert.deepEqual([axis.shown, axis.at(axis.shown), axis.title], [3, 30, "step"])
})

test("a fork's parent has room from the first epoch on", () => {
  const forked = { ...data, parent: [{ epoch: 19 }] }
  assert.equal(axisOf(stream(3), forked, "epoch").shown, 20)
})

test("time is what was measured, and beyond it as the last epochs took", () => {
  const axis = axisOf(stream(3), data, "time")
  assert.deepEqual([0, 1, 1.5, 3, 4].map((done) => axis.at(done)), [0, 4, 6, 12, 16])
  assert.equal(axis.title, "seconds of training and measuring (to epoch 50)")
  assert.equal(axis.known, 4)
  const long = stream(3)
  for (const record of long.epochs) record.seconds = 119
  assert.equal(axisOf(long, data, "time").at(1), 2)
  assert.match(axisOf(long, data, "time").title, /^minutes/)
})

test("an axis that is zoomed grows once the zoom is taken back", () => {
  const begun = keptRange(undefined, undefined, [0, 3])
  assert.deepEqual(begun, { first: [0, 3], given: [0, 3] })
  const grown = keptRange(begun, [0, 3], [0, 5])
  assert.deepEqual(grown, { first: [0, 3], given: [0, 5] })
  const zoomed = keptRange(grown, [1, 2], [0, 8])
  assert.deepEqual(zoomed, { first: [0, 3], given: [0, 5] })
  for (const back of [[0, 5], [0, 3]])
    assert.deepEqual(keptRange(zoomed, back, [0, 8]), { first: [0, 3], given: [0, 8] })
})
