import assert from "node:assert/strict"
import { test } from "node:test"

import { scaleOf, spread, ticksOf, upTo } from "./scale.mjs"

test("ticks are round and cover the range", () => {
  assert.deepEqual(ticksOf(0, 100, 5), [0, 20, 40, 60, 80, 100])
  assert.deepEqual(ticksOf(0.1, 0.35, 5), [0.1, 0.15, 0.2, 0.25, 0.3, 0.35])
  assert.deepEqual(ticksOf(-3, 3, 6), [-3, -2, -1, 0, 1, 2, 3])
})

test("all intervals lie on the scale, with zero in it and room at the ends", () => {
  const scale = scaleOf([
    { mean: 2, low: 1, high: 3 }, { mean: 4, low: null, high: null },
  ])
  assert.ok(scale.from < 0 && scale.to > 4)
  assert.equal(scale.at(scale.from), 0)
  assert.equal(Math.round(scale.at(scale.to)), 100)
  assert.ok(Number.isFinite(scaleOf([]).at(0)))
  const { from, to } = scaleOf([{ mean: 11, low: 9, high: 14 }], 2)
  assert.deepEqual(ticksOf(from, to, 6), [-5, 0, 5, 10, 15])
})

test("labels that have room stay where they belong", () => {
  assert.deepEqual(spread([10, 50, 90], 20, 0, 100), [10, 50, 90])
})

test("labels that would cover each other give way to both sides, inside the chart", () => {
  assert.deepEqual(spread([50, 50], 20, 0, 100), [40, 60])
  assert.deepEqual(spread([98, 99], 20, 0, 100), [80, 100])
  assert.deepEqual(spread([1, 2, 3], 20, 0, 100), [0, 20, 40])
  assert.deepEqual(spread([], 20, 0, 100), [])
})

const SERIES = { arm: "a", x: [1, 2, 3], mean: [0, 1, 3], low: [null, 0, 2], high: [null, 2, 4] }

test("a curve goes to where it is, between two of its points", () => {
  assert.deepEqual(upTo(SERIES, 0.5), [])
  assert.deepEqual(upTo(SERIES, 2.5), [
    { x: 1, mean: 0, low: null, high: null }, { x: 2, mean: 1, low: 0, high: 2 },
    { x: 2.5, mean: 2, low: 1, high: 3 },
  ])
  assert.equal(upTo(SERIES, 3).length, 3)
  assert.equal(upTo(SERIES, 1.5).at(-1)?.low, null)
})

test("what isn't known isn't drawn", () => {
  const holed = { ...SERIES, mean: [0, null, 3] }
  assert.deepEqual(upTo(holed, 3).map(({ x }) => x), [1, 3])
  assert.deepEqual(upTo(holed, 1.5).map(({ x }) => x), [1])
})
