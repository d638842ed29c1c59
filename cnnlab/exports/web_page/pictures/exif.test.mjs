import assert from "node:assert/strict"
import { test } from "node:test"
import { held, orientationIn, orientationOf } from "./exif.mjs"

/** @param {string} order `II` or `MM` @param {number} orientation */
function tiff(order, orientation) {
  const isLittle = order === "II"
  const view = new DataView(new ArrayBuffer(26))
  view.setUint8(0, order.charCodeAt(0))
  view.setUint8(1, order.charCodeAt(0))
  view.setUint16(2, 42, isLittle)
  view.setUint32(4, 8, isLittle)
  view.setUint16(8, 1, isLittle)
  view.setUint16(10, 0x0112, isLittle)
  view.setUint16(12, 3, isLittle)
  view.setUint32(14, 1, isLittle)
  view.setUint16(18, orientation, isLittle)
  return new Uint8Array(view.buffer)
}

test("both orders of bytes are read", () => {
  for (const order of ["II", "MM"]) assert.equal(orientationIn(tiff(order, 6), 0).orientation, 6)
})

test("what is broken is upright", () => {
  assert.equal(orientationIn(Uint8Array.from([1, 2, 3]), 0).orientation, 1)
  assert.equal(orientationIn(tiff("II", 6).subarray(0, 15), 0).orientation, 1)
  assert.equal(orientationOf(Uint8Array.from([0xff, 0xd8, 0xff])).orientation, 1)
  assert.equal(orientationOf(new Uint8Array(0)).orientation, 1)
})

test("the place is hidden from a browser, in either order, and nothing else is changed", () => {
  for (const order of ["II", "MM"]) {
    const bytes = tiff(order, 6)
    const copy = held(bytes, orientationIn(bytes, 0).at)
    assert.equal(orientationIn(copy, 0).orientation, 1)
    assert.equal(copy.filter((byte, at) => byte !== bytes[at]).length, 1)
  }
})
