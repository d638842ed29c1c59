import assert from "node:assert/strict"
import { test } from "node:test"

import { contrast, parsed, readable, RIGHT, shade } from "./shades.mjs"

/** @typedef {import("./shades.mjs").Rgb} Rgb */

/** @type {Rgb[]} backgrounds of the light and of the dark theme */
const PAGES = [[255, 255, 255], [18, 22, 31]]

test("nothing has the colour of the page, all the hue's", () => {
  for (const page of PAGES) {
    assert.deepEqual(shade(0, true, page), page)
    assert.deepEqual(shade(1, true, page), RIGHT)
  }
})

test("what is written can be read on every shade in both themes", () => {
  for (const page of PAGES) {
    for (let share = 0; share <= 1; share += 0.01) {
      for (const isRight of [true, false]) {
        const background = shade(share, isRight, page)
        assert.ok(contrast(background, readable(background)) >= 4.5)
      }
    }
  }
})

test("a few mistakes can be seen, and more of them are stronger", () => {
  for (const page of PAGES) {
    const strengths = [0, 0.01, 0.05, 0.3].map((share) => contrast(page, shade(share, false, page)))
    assert.ok(strengths[1] > 1.1, String(strengths))
    assert.deepEqual(strengths, [...strengths].sort((one, other) => one - other))
  }
})

test("a colour is read as the browser tells it", () => {
  assert.deepEqual(parsed("rgb(18, 22, 31)"), [18, 22, 31])
  assert.deepEqual(parsed("rgba(18, 22, 31, 0.5)"), [18, 22, 31])
  assert.deepEqual(parsed(""), [255, 255, 255])
})

test("what is mostly right is written in one colour, whatever the theme", () => {
  for (const page of PAGES) {
    for (let share = 0.8; share <= 1; share += 0.01) {
      assert.deepEqual(readable(shade(share, true, page)), [255, 255, 255])
    }
  }
})
