import assert from "node:assert/strict"
import { test } from "node:test"

import { axisOf, rangeOf, roomFor } from "./axis.mjs"

/**
 * @param {number} done
 * @param {object} [more] of the stream
 */
const stream = (done, more = {}) => /** @type {any} */ ({
  epochs: Array.from({ length: done }, (_, epoch) => ({ epoch, seconds: 3, evaluation_seconds: 1 })),
  steps: [], turns: [], state: { facts: { epochs: 50, steps_per_epoch: 10 } }, ...more,
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

test("an axis begins where the curves do, whatever it counts", () => {
  const ends = (/** @type {any} */ told, /** @type {any} */ by) => rangeOf(axisOf(told, data, by))
  const ended = stream(3, { state: { status: "finished", facts: { epochs: 3, steps_per_epoch: 10 } } })
  assert.deepEqual(ends(ended, "epoch"), [0.96, 3.04])
  assert.deepEqual(ends(ended, "step").map(Math.round), [10, 30])
  assert.deepEqual(ends(ended, "time").map(Math.round), [4, 12])
  assert.deepEqual(ends(stream(3), "epoch"), [0.92, 5.08]) // with room to grow
  const alone = stream(1, { state: { status: "stopped", facts: { epochs: 9, steps_per_epoch: 10 } } })
  assert.deepEqual(ends(alone, "epoch"), [0.5, 1.5])
})

test("before the curves it begins with the training, and it has room for a dial turned by then", () => {
  assert.equal(axisOf(stream(0), data, "epoch").from, 0)
  assert.equal(axisOf(stream(3, { turns: [{ step: 4 }] }), data, "epoch").from, 0.4)
  assert.equal(axisOf(stream(3, { turns: [{ step: 14 }] }), data, "epoch").from, 1)
})
