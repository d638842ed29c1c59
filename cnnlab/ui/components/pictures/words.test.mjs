import assert from "node:assert/strict"
import { test } from "node:test"

import { headline, sureness, turned } from "./words.mjs"

/**
 * A boot, with so much probability for a boot and the rest for a sandal.
 * @param {number} boot
 */
function picture(boot) {
  const guesses = [{ name: "boot", probability: boot, is_true: true },
    { name: "sandal", probability: 1 - boot, is_true: false }]
  guesses.sort((one, other) => other.probability - one.probability)
  const [{ name: predicted, probability, is_true: is_right }] = guesses
  return { row: 3, file: "3.png", true: "boot", predicted, probability, is_right, note: "", guesses }
}

test("a picture is told by what it is and what it is taken for", () => {
  assert.equal(headline(picture(0.125)), "boot, taken for sandal with 87.5\u00a0%")
  assert.equal(headline(picture(0.75)), "boot, recognized with 75.0\u00a0%")
  const digits = { ...picture(0.125), true: "8", predicted: "3" }
  assert.equal(headline(digits), "'8', taken for '3' with 87.5\u00a0%")
})

test("of a wrong picture it is said of which class the percentage is", () => {
  assert.equal(sureness(picture(0.75)), "75.0\u00a0%")
  assert.equal(sureness(picture(0.125)), "sandal 87.5\u00a0%")
})

test("the pictures are a circle", () => {
  assert.deepEqual([turned(0, -1, 5), turned(4, 1, 5), turned(2, 1, 5)], [4, 0, 3])
})
