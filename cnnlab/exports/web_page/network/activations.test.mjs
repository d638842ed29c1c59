import assert from "node:assert/strict"
import { test } from "node:test"
import { activate, erf } from "./activations.mjs"

/**
 * @param {string} name
 * @param {number[]} values
 */
function activated(name, values) {
  const given = Float32Array.from(values)
  activate(name, given, values.length)
  return Array.from(given)
}

test("the error function has its known values", () => {
  const known = [[0, 0], [0.5, 0.5204998778], [1, 0.8427007929], [2.5, 0.9995930480], [3.5, 0.9999992569]]
  for (const [x, y] of known) {
    assert.ok(Math.abs(erf(x) - y) < 1e-9, `erf(${x})`)
    assert.ok(Math.abs(erf(-x) + y) < 1e-9, `erf(${-x})`)
  }
  assert.equal(erf(9), 1)
})

test("a softmax of large numbers is no NaN and sums to 1", () => {
  const shares = activated("softmax", [1000, 1000, 0])
  assert.deepEqual(shares, [0.5, 0.5, 0])
})

test("a softmax goes over the channels of each pixel", () => {
  const values = Float32Array.from([0, 0, 5, 5])
  activate("softmax", values, 2)
  assert.deepEqual(Array.from(values), [0.5, 0.5, 0.5, 0.5])
})

test("linear changes nothing, relu and leaky relu what is negative", () => {
  assert.deepEqual(activated("linear", [-2, 3]), [-2, 3])
  assert.deepEqual(activated("relu", [-2, 3]), [0, 3])
  assert.ok(Math.abs(activated("leaky_relu", [-2])[0] + 0.4) < 1e-7)
})
