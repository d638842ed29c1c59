import assert from "node:assert/strict"
import { test } from "node:test"
import { percent, ranked, said } from "./answer.mjs"

const about = /** @type {any} */ ({ classes: ["cat", "dog"], threshold: 0.8 })

test("the likeliest class is said with its share", () => {
  assert.deepEqual(said(about, [0.1, 0.9]), { headline: "dog", words: "90.0\u00a0%", isUnsure: false })
})

test("just at the threshold it is sure, below it says so with the class", () => {
  assert.equal(said(about, [0.8, 0.2]).isUnsure, false)
  const { headline, words, isUnsure } = said(about, [0.79, 0.21])
  assert.ok(isUnsure)
  assert.equal(headline, "Not sure")
  assert.match(words, /Likeliest is cat with 79\.0\u00a0%: below 80\.0\u00a0%/)
})

test("without a threshold it names a class however unsure it is", () => {
  assert.equal(said({ ...about, threshold: null }, [0.51, 0.49]).headline, "cat")
})

test("equal classes stay in their order", () => {
  assert.deepEqual(ranked([0.2, 0.4, 0.4]), [1, 2, 0])
})

test("what isn't all or nothing is never rounded to it", () => {
  assert.deepEqual([0, 0.0001, 0.1234, 0.9999, 1].map(percent),
    ["0.0\u00a0%", "< 0.1\u00a0%", "12.3\u00a0%", "> 99.9\u00a0%", "100.0\u00a0%"])
})
