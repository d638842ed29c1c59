import assert from "node:assert/strict"
import { test } from "node:test"
import { convolve, inFours, padBefore } from "./convolution.mjs"

// What Keras computes is compared in tests/exports/web_page/test_network.py.

test("padding lies as TensorFlow puts it: the odd pixel behind", () => {
  assert.equal(padBefore(5, 5, 3, 1, "same"), 1)
  assert.equal(padBefore(6, 3, 3, 2, "same"), 0)
  assert.equal(padBefore(5, 5, 4, 1, "same"), 1)
  assert.equal(padBefore(2, 1, 1, 3, "same"), 0)
  assert.equal(padBefore(5, 3, 3, 1, "valid"), 0)
})

test("every number of outputs and pixels is computed, not only those in fours", () => {
  for (const outputs of [1, 3, 4, 6]) {
    for (const side of [1, 2, 3]) {
      const kernel = Float32Array.from({ length: 2 * outputs }, (_, at) => at - 2)
      const input = Float32Array.from({ length: side * side * 2 }, (_, at) => at % 5)
      const bias = Float32Array.from({ length: outputs }, (_, at) => at / 2)
      const output = new Float32Array(side * side * outputs)
      convolve(input, inFours(kernel, 2, outputs), bias, {
        from: [side, side, 2], to: [side, side, outputs], window: [1, 1], strides: [1, 1], padding: "same",
      }, output)
      output.forEach((value, at) => {
        const pixel = Math.floor(at / outputs)
        const unit = at % outputs
        assert.equal(value, input[2 * pixel] * kernel[unit] + input[2 * pixel + 1] * kernel[outputs + unit] +
          bias[unit])
      })
    }
  }
})
