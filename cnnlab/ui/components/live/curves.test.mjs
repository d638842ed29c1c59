import assert from "node:assert/strict"
import { test } from "node:test"

import { axisOf } from "./axis.mjs"
import { basisOf, panelsOf, withSmooth } from "./curves.mjs"

/** @param {import("./curves.mjs").Facts} facts */
function basis(facts) {
  const known = { train_images: 400, ...facts }
  return basisOf({ turns: [] }, known, { auto_batch_size: false, parent: [] })
}

test("the page says on how many images everything was measured", () => {
  const off = "Clean train and validation: measured with dropout and augmentation off."
  const clean = { clean_images: 120, clean_is_subset: true }
  assert.equal(basis({ ...clean, statistics_images: 0 }), `${off} Clean train on 120 of 400 images.`)
  assert.equal(basis({ statistics_images: 100 }),
    `${off} Batch norm's statistics on 100 training images.`)
  const drawn = ["probabilities/kernel", "probabilities/bias"]
  const start = { source: "the run 'a'", sha256: "5a", licence: "", taken: 14, new: drawn }
  assert.equal(basis({ pretrained: start }),
    `${off} It started with 14 arrays of weights of the run 'a'; new: probabilities.`)
  assert.equal(basis({ cached_features: "Computed once." }), `${off} Computed once.`)
})

/** @param {number} epoch */
const record = (epoch) => ({ epoch, seconds: 1, accuracy: epoch / 10, clean_accuracy: epoch / 10,
  val_accuracy: epoch % 2, cross_entropy: 1, clean_cross_entropy: 1, val_cross_entropy: 2 })
const colors = { train: "a", clean: "b", validation: "c", penalty: "d", gap: "e" }
const epochs = [0, 1, 2, 3].map(record)
const stream = /** @type {any} */ ({ epochs, steps: [], turns: [], state: { status: "finished" } })
const data = /** @type {any} */ ({ colors, branch: null, parent: [], status: "finished", epochs: 4 })

test("smoothed curves lie over what was measured, the gap between them, the star where it was", () => {
  const axis = axisOf(stream, data, "epoch")
  const [accuracy, loss] = panelsOf(stream, data, axis, { smoothing: 0.5, isLog: true })
  const names = accuracy.traces.map(({ name, opacity }) => `${name}${opacity ? " faint" : ""}`)
  assert.deepEqual(names, [
    "train as seen in training faint", "clean train faint", "validation faint",
    "train as seen in training", "clean train", "validation",
    "train as seen in training", "best validation accuracy",
  ])
  const filled = accuracy.traces.filter(({ fill }) => fill)
  assert.deepEqual(filled.map(({ name, opacity }) => [name, opacity]), [["validation", undefined]])
  assert.deepEqual(accuracy.traces[2].y, [0, 1, 0, 1])
  assert.notDeepEqual(accuracy.traces[5].y, [0, 1, 0, 1])
  assert.deepEqual(accuracy.traces[7].y, [1])
  assert.ok(!loss.traces.some(({ name }) => name === "best validation accuracy"))
  assert.deepEqual([accuracy.isLog, loss.isLog], [undefined, true])
  assert.deepEqual([accuracy, loss].map(({ traces }) => traces[5].hovertemplate), [
    "%{y} smoothed, %{customdata:.1%} measured", "%{y} smoothed, %{customdata:.3~g} measured"])
})

test("without smoothing a curve is what was measured, and a single point stays one", () => {
  const measured = { x: [1, 2], y: [1, 2], mode: "lines" }
  assert.deepEqual(withSmooth(measured, 0, "~g"), [measured])
  assert.equal(withSmooth({ ...measured, mode: "markers" }, 0.9, "~g").length, 1)
})
