import assert from "node:assert/strict"
import { test } from "node:test"
import { grey, reduced, toSquare, upright } from "./pillow.mjs"

// What Pillow 13 makes of these is compared in tests/exports/web_page/test_pictures.py as well.
const picture = { width: 3, height: 2, channels: 1, data: Uint8Array.from([1, 2, 3, 4, 5, 6]) }

test("means of blocks are rounded as Pillow does, smaller ones at the far edge", () => {
  const { width, height, data } = reduced(picture, 2, 2)
  assert.deepEqual([width, height, ...data], [2, 1, 3, 5]) // 12 / 4, 9 / 2 = 4.5
})

test("a picture is held in each of the eight ways", () => {
  const held = (/** @type {number} */ way) => Array.from(upright(picture, way).data)
  assert.deepEqual(held(1), [1, 2, 3, 4, 5, 6])
  assert.deepEqual(held(2), [3, 2, 1, 6, 5, 4])
  assert.deepEqual(held(3), [6, 5, 4, 3, 2, 1])
  assert.deepEqual(held(4), [4, 5, 6, 1, 2, 3])
  assert.deepEqual(held(5), [1, 4, 2, 5, 3, 6])
  assert.deepEqual(held(6), [4, 1, 5, 2, 6, 3])
  assert.deepEqual(held(7), [6, 3, 5, 2, 4, 1])
  assert.deepEqual(held(8), [3, 6, 2, 5, 1, 4])
  assert.deepEqual(held(9), [1, 2, 3, 4, 5, 6])
  assert.equal(upright(picture, 6).width, 2)
})

test("grey is ITU-R 601's and keeps what is grey", () => {
  assert.deepEqual([grey(255, 0, 0), grey(0, 255, 0), grey(0, 0, 255), grey(77, 77, 77)], [76, 150, 29, 77])
})

test("bars are black and lie in the middle, a crop takes the middle", () => {
  const wide = { width: 4, height: 2, channels: 1, data: new Uint8Array(8).fill(9) }
  assert.deepEqual(Array.from(toSquare(wide, { size: 4, color: "grayscale", resize: "pad" })),
    [0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0])
  const steps = { width: 4, height: 2, channels: 1, data: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]) }
  assert.deepEqual(Array.from(toSquare(steps, { size: 2, color: "grayscale", resize: "crop" })), [2, 3, 6, 7])
})

test("grey becomes three equal channels where the network wants colours", () => {
  const one = { width: 1, height: 1, channels: 1, data: Uint8Array.from([7]) }
  assert.deepEqual(Array.from(toSquare(one, { size: 1, color: "rgb", resize: "crop" })), [7, 7, 7])
})
