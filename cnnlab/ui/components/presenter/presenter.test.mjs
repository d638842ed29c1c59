import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { Expectations } from "./expectations.mjs"
import { actionOf, slideOf, swiped } from "./presenter.mjs"
import { secondsFor } from "./replay.mjs"
import { columnsFor } from "./slides.mjs"

/** @type {Map<string, string>} */
const tab = new Map()

beforeEach(() => {
  tab.clear()
  Object.assign(globalThis, { sessionStorage: {
    getItem: (/** @type {string} */ key) => tab.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => tab.set(key, value),
  } })
})

test("the address asks for a slide that there is", () => {
  assert.deepEqual([null, "1", "6", "99", "0", "-3", "2.9", "x"].map((asked) => slideOf(asked, 6)),
    [0, 0, 5, 5, 0, 0, 1, 0])
})

test("keys lead through the slides, and Space plays where there is something to play", () => {
  assert.equal(actionOf("ArrowRight", false), "next")
  assert.equal(actionOf("PageUp", false), "back")
  assert.equal(actionOf("Escape", true), "leave")
  assert.equal(actionOf(" ", true), "play")
  assert.equal(actionOf(" ", false), undefined)
  assert.equal(actionOf("x", true), undefined)
})

test("only a move to the side turns the slide", () => {
  assert.equal(swiped(-100, 10), "next")
  assert.equal(swiped(100, -10), "back")
  assert.equal(swiped(-50, 0), undefined)
  assert.equal(swiped(-100, 60), undefined)
})

test("few classes get large images", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 8, 9].map((count) => columnsFor(count, false)),
    [1, 2, 3, 2, 3, 3, 4])
  assert.deepEqual([1, 3, 4, 9].map((count) => columnsFor(count, true)), [1, 1, 2, 2])
})

test("curves play neither too fast to follow nor too long", () => {
  assert.equal(secondsFor(1), 6)
  assert.equal(secondsFor(20), 9)
  assert.equal(secondsFor(1000), 20)
})

test("what the room expects outlives a reload, belongs to its study, and can be taken back", () => {
  const expected = new Expectations("one")
  expected.set("a", "helps")
  expected.set("", "") // none of them
  assert.equal(new Expectations("one").of("a"), "helps")
  assert.equal(new Expectations("one").of(""), "")
  assert.equal(new Expectations("two").of("a"), undefined)
  expected.set("a", "helps")
  assert.equal(new Expectations("one").of("a"), undefined)
})
