import assert from "node:assert/strict"
import { test } from "node:test"

import { escapeHtml, labelled, marksOf, sinceWords, toldTurns } from "./turns.mjs"

const DIALS = {
  "optimizer.learning_rate": { label: "Learning rate", unit: "", value: 0.001 },
  "augmentation.rotation_degrees": { label: "Rotation", unit: "°", value: 10 },
}

test("a turn is told from what held before it", () => {
  /** @type {import("./live.d.ts").AskedTurn[]} */
  const turns = [
    { number: 1, values: { "optimizer.learning_rate": 0.0005 } },
    { number: 2, values: { "optimizer.learning_rate": 0.0001, "augmentation.rotation_degrees": 5 } },
  ]
  assert.deepEqual(toldTurns(turns, DIALS).map(({ words }) => words), [
    ["Learning rate 0.001 → 0.0005"],
    ["Learning rate 0.0005 → 0.0001", "Rotation 10° → 5°"],
  ])
})

test("a dial that the page doesn't know is told by its field", () => {
  assert.deepEqual(toldTurns([{ number: 1, values: { "x.y": 2 } }], DIALS)[0].words, ["x.y  → 2"])
})

test("a turn holds since a step that is counted from 1", () => {
  assert.equal(sinceWords(0, 10), "since epoch 1, step 1")
  assert.equal(sinceWords(29, 10), "since epoch 3, step 10")
  assert.equal(sinceWords(30, 10), "since epoch 4, step 1")
})

test("marks that lie close together share a label", () => {
  const marks = [4, 1, 1.2, 1.4, 9].map((x) => ({ x, text: String(x), hover: [`at ${x}`] }))
  const labels = labelled(marks, 0.5)
  assert.deepEqual(labels.map(({ text }) => text), ["1–1.4", "4", "9"])
  assert.deepEqual(labels[0].hover, ["at 1", "at 1.2", "at 1.4"])
  assert.ok(Math.abs(labels[0].x - 1.2) < 1e-9)
  assert.equal(labelled(marks.slice(0, 1), 0.5)[0].text, "4")
})

test("a fork and the turns are marked where they lie on the epoch axis, no name as markup", () => {
  const theme = { text: "", background: "", muted: "", line: "", font: "" }
  const stream = /** @type {any} */ ({
    state: { facts: { steps_per_epoch: 10 } },
    turns: [{ number: 1, step: 25, values: { "<b>": 1 } }],
  })
  const axis = /** @type {any} */ ({ shown: 100, at: (/** @type {number} */ epochs) => epochs })
  const { shapes, annotations } = marksOf(stream, { dials: {}, branch: 0 }, axis, theme)
  assert.deepEqual(shapes.map(({ x0 }) => x0), [1, 2.5])
  assert.equal(annotations[0].text, "fork, 1")
  assert.equal(annotations[0].hovertext, "Forked at epoch 1<br>1: &lt;b&gt;  → 1")
  stream.state.facts.phases = [
    { first_epoch: 0, words: "Phase 1: last layer", trained: [] },
    { first_epoch: 40, words: "Phase 2: last 3 blocks", trained: [] },
  ]
  const { annotations: [, phase] } = marksOf(stream, { dials: {}, branch: 0 }, axis, theme)
  assert.deepEqual([phase.x, phase.text, phase.hovertext],
    [40, "Phase 2", "Phase 2: last 3 blocks, from epoch 41 on"])
  const steps = { ...axis, at: (/** @type {number} */ epochs) => 10 * epochs }
  const drawn = marksOf(stream, { dials: {}, branch: 0 }, steps, theme)
  assert.deepEqual(drawn.shapes.map(({ x0 }) => x0), [10, 25, 400])
  assert.equal(escapeHtml("a & <b>"), "a &amp; &lt;b&gt;")
})
