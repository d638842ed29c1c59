import assert from "node:assert/strict"
import { test } from "node:test"

import { click } from "./gallery.mjs"

const IMAGES = [10, 11, 12, 13, 14].map((row) =>
  ({ row, file: "", label: "", note: "", starts_group: false }))

const nothing = () => ({ drawn: "", selected: /** @type {Set<number>} */ (new Set()) })

test("a click selects, another one takes it back", () => {
  const selection = nothing()
  click(selection, IMAGES, 2, false)
  assert.deepEqual([...selection.selected], [12])
  click(selection, IMAGES, 2, false)
  assert.deepEqual([...selection.selected], [])
})

test("with Shift all between the last click and this one become what this one becomes", () => {
  const selection = nothing()
  click(selection, IMAGES, 3, false)
  click(selection, IMAGES, 1, true)
  assert.deepEqual([...selection.selected].sort(), [11, 12, 13])
  click(selection, IMAGES, 3, true)
  assert.deepEqual([...selection.selected], [])
})

test("with Shift and nothing clicked before, only the image itself is meant", () => {
  const selection = nothing()
  click(selection, IMAGES, 4, true)
  assert.deepEqual([...selection.selected], [14])
})
