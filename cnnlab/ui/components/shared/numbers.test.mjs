import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import {
  called, count, dataSize, digits, duration, fixed, percent, points, thin, withUnit,
} from "./numbers.mjs"

const cases = JSON.parse(
  readFileSync(new URL("../../../../tests/browser/cases.json", import.meta.url), "utf8"))

/** @type {[string, (...given: any[]) => string][]} */
const SAID = [
  ["percent", percent], ["points", points], ["duration", duration], ["data_size", dataSize],
  ["with_unit", withUnit], ["called", called],
]

for (const [name, say] of SAID) {
  test(`${name} is said as in Python`, () => {
    assert.ok(cases[name].length)
    for (const given of cases[name]) {
      const words = given.pop()
      assert.equal(say(...given), words, `of ${given}`)
    }
  })
}

test("values are thinned as in Python", () => {
  for (const { count: many, limit, kept } of cases.thin)
    assert.deepEqual(thin(Array.from({ length: many }, (_, index) => index), limit), kept)
})

test("a number in the middle goes to the even digit, and only there", () => {
  assert.equal(fixed(2.5, 0), "2")
  assert.equal(fixed(3.5, 0), "4")
  assert.equal(fixed(-2.5, 0), "-2")
  assert.equal(fixed(0.125, 2), "0.12")
  assert.equal(fixed(0.135, 2), "0.14") // in truth a little more than the middle
  assert.equal(fixed(1e-7, 2), "0.00")
})

test("counts and digits", () => {
  assert.equal(count(1234567), "1,234,567")
  assert.equal(digits(0.00123456), "0.00123")
  assert.equal(digits(1), "1")
  assert.equal(digits(null), "–")
})
