import assert from "node:assert/strict"
import { test } from "node:test"

import { hidden } from "./edges.mjs"

test("an edge has more behind it only where something is hidden", () => {
  const of = (/** @type {number} */ scrollLeft) => hidden({ scrollLeft, scrollWidth: 900, clientWidth: 350 })
  assert.equal(of(0), "after")
  assert.equal(of(200), "before after")
  assert.equal(of(550), "before")
  assert.equal(hidden({ scrollLeft: 0, scrollWidth: 350, clientWidth: 350 }), "")
  assert.equal(of(549.5), "before") // browsers scroll by parts of a pixel
})
