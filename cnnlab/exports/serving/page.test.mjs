import assert from "node:assert/strict"
import test from "node:test"

import { groups, heading, percent, tokenIn } from "./page.mjs"

test("a link brings the token behind its #, else there is none", () => {
  assert.equal(tokenIn("#token=a-b_c"), "a-b_c")
  assert.equal(tokenIn("#else=1"), "")
  assert.equal(tokenIn(""), "")
})

test("a heading says the class, that it is unsure, or whose problem it is", () => {
  assert.equal(heading({ class: "leaf", unsure: null }), "leaf")
  assert.equal(heading({ class: "leaf", unsure: true }), "Unsure, perhaps leaf")
  assert.equal(heading({ name: "a.png", problem: "It is empty." }), "a.png")
  assert.equal(heading({ problem: "It is empty." }), "Picture")
})

test("more pictures than one request may have are asked about in groups", () => {
  assert.deepEqual(groups([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]])
  assert.deepEqual(groups([], 2), [])
})

test("shares have a digit", () => assert.equal(percent(0.98765), "98.8 %"))
