import assert from "node:assert/strict"
import test from "node:test"

import { groups, heading, percent, summary, tokenIn } from "./page.mjs"

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

test("what can't be used isn't called answered", () => {
  assert.equal(summary(1, 1, 0, 1, 15.4), "1 of 1 answered. It took 15.4 ms.")
  assert.equal(summary(12, 12, 0, 4, 15.4), "12 of 12 answered. The last 4 took 15.4 ms.")
  assert.equal(summary(3, 3, 1, 3, 15.4), "2 of 3 answered; 1 can't be used. The last 3 took 15.4 ms.")
  assert.equal(summary(1, 1, 1, 1, 15.4), "0 of 1 answered; 1 can't be used.")
})

test("more pictures than one request may have are asked about in groups", () => {
  assert.deepEqual(groups([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]])
  assert.deepEqual(groups([], 2), [])
})

test("shares have a digit", () => assert.equal(percent(0.98765), "98.8\u00a0%"))
