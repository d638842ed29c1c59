import assert from "node:assert/strict"
import { test } from "node:test"

import { boxOf, HEIGHT, WIDTH } from "./picture.mjs"

test("a picture half as large is drawn half as high", () => {
  const whole = boxOf([48, 48, 32], 48, "convolution"), half = boxOf([24, 24, 32], 48, "convolution")
  assert.equal(half.side, whole.side / 2)
  assert.equal(half.thick, whole.thick)
})

test("more channels are thicker, what changes no shape is a sheet, one pixel can be seen", () => {
  const few = boxOf([24, 24, 16], 48, "convolution"), many = boxOf([24, 24, 64], 48, "convolution")
  assert.ok(many.thick > few.thick)
  assert.ok(boxOf([24, 24, 64], 48, "normalization").thick < few.thick)
  assert.ok(boxOf([1, 1, 64], 512, "pooling").side >= 4)
})

test("whatever is drawn fits its place", () => {
  for (const channels of [1, 3, 64, 2048, 100_000_000]) {
    for (const shape of [[512, 512, channels], [1, 1, channels], [channels]]) {
      const { left, top, thick, side, slant, rise } = boxOf(shape, 512, "convolution")
      assert.ok(left >= 0 && left + thick + slant <= WIDTH, `${shape} ${thick}`)
      assert.ok(top >= 0 && top + side + rise <= HEIGHT, String(shape))
    }
  }
})
