import assert from "node:assert/strict"
import { test } from "node:test"

import { cleanWords, endedWords, progressOf, timeLeft } from "./numbers.mjs"

const FACTS = { epochs: 10, steps_per_epoch: 4 }

/**
 * @param {number} done epochs
 * @param {object[]} steps of the open one
 */
function stream(done, steps) {
  const epochs = Array.from({ length: done }, () => ({ seconds: 60, evaluation_seconds: 15 }))
  return /** @type {any} */ ({ epochs, steps })
}

test("the open epoch counts by its steps, and no more than all are ever done", () => {
  assert.equal(progressOf(stream(2, [{ step: 1 }]), FACTS), 2.5)
  assert.equal(progressOf(stream(10, [{ step: 1 }]), FACTS), 10)
  assert.equal(progressOf(stream(2, []), {}), 0)
})

test("the time left is that of the epochs, at first that of the steps", () => {
  assert.equal(timeLeft(stream(0, []), FACTS), "time left: measuring")
  assert.equal(timeLeft(stream(0, [{ step: 0, seconds: 1 }]), FACTS), "39\u00a0s left")
  assert.equal(timeLeft(stream(9, []), FACTS), "75\u00a0s left")
  assert.equal(timeLeft(stream(2, []), FACTS), "10\u00a0min left")
  assert.equal(timeLeft(stream(10, []), FACTS), "finishing")
})

test("a run that has ended says of which epoch its numbers are, and how many it was to have", () => {
  const epochs = /** @type {any} */ ([0.5, 0.7, 0.6].map((val_accuracy, epoch) => ({ epoch, val_accuracy })))
  assert.equal(endedWords(epochs, epochs[1], 3), "Best epoch: 2 of 3")
  assert.equal(endedWords(epochs, epochs[2], 3), "Last epoch: 3 of 3")
  assert.equal(endedWords(epochs, epochs[1], 20), "Best epoch: 2 of 3, 20 planned")
  assert.equal(endedWords([], undefined, 20), "Epoch 0 of 20")
})

test("clean train is told as what it is, with dropout on or off", () => {
  assert.equal(cleanWords({}), "dropout and augmentation off")
  assert.equal(cleanWords({ clean_is_subset: true, clean_images: 102, train_images: 1200 }),
    "dropout and augmentation off, 102 of 1,200 images")
})
