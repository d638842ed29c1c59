import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { changed, isThere, moved, shownOf } from "./deck.mjs"
import { Expectations } from "./expectations.mjs"
import { actionOf, swiped } from "./keys.mjs"
import { slideOf } from "./presenter.mjs"
import { columnsFor } from "./slides/plain.mjs"
import { secondsFor } from "./slides/replay.mjs"

/** @type {Map<string, string>} */
const tab = new Map()

beforeEach(() => {
  tab.clear()
  Object.assign(globalThis, { sessionStorage: {
    getItem: (/** @type {string} */ key) => tab.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => tab.set(key, value),
  } })
})

test("the address asks for a slide that there is, by its name or by its number", () => {
  const shown = ["question", "curves", "verdict"]
  const asked = [null, "curves", "gone", "3", "99", "0", "-3", "2.9"]
  assert.deepEqual(asked.map((slide) => slideOf(slide, shown)), [
    "question", "curves", "question", "verdict", "verdict", "question", "question", "curves",
  ])
  assert.equal(slideOf("curves", []), "")
})

const PRESENTING = { isPlayable: false, isRead: false }

test("keys lead through the slides, and Space plays where there is something to play", () => {
  assert.equal(actionOf("ArrowRight", PRESENTING), "next")
  assert.equal(actionOf("PageUp", PRESENTING), "back")
  assert.equal(actionOf("Home", PRESENTING), "first")
  assert.equal(actionOf("Escape", PRESENTING), "leave")
  assert.equal(actionOf("E", PRESENTING), "edit")
  assert.equal(actionOf(" ", { isPlayable: true, isRead: false }), "play")
  assert.equal(actionOf(" ", PRESENTING), undefined)
  assert.equal(actionOf("x", PRESENTING), undefined)
})

test("who only reads can neither leave nor change anything by key", () => {
  const reading = { isPlayable: true, isRead: true }
  assert.deepEqual(["Escape", "e", "n"].map((key) => actionOf(key, reading) ?? "nothing"),
    ["nothing", "nothing", "nothing"])
  assert.deepEqual(["End", " ", "f"].map((key) => actionOf(key, reading)), ["last", "play", "full"])
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

const DECK = ["question", "gap", "verdict", "limits"].map((slide) =>
  ({ slide, title: slide, is_hidden: false, note: "" }))
const namesOf = (/** @type {typeof DECK} */ deck) => deck.map(({ slide }) => slide)

test("a slide moves as far as there are places, and nothing else does", () => {
  assert.deepEqual(namesOf(moved(DECK, "verdict", -1)), ["question", "verdict", "gap", "limits"])
  assert.deepEqual(namesOf(moved(DECK, "question", 99)), ["gap", "verdict", "limits", "question"])
  assert.deepEqual(namesOf(moved(DECK, "question", -1)), namesOf(DECK))
})

test("what is hidden, or has nothing to show yet, isn't shown", () => {
  const story = /** @type {Partial<import("../shared/records.d.ts").Story>} */ (
    /** @type {unknown} */ ({ question: {}, gap: null, verdict: {}, limits: [] }))
  assert.equal(isThere(story, "gap"), false)
  const deck = changed(DECK, "question", { is_hidden: true })
  assert.deepEqual(shownOf(deck, story), ["verdict", "limits"])
  assert.equal(DECK[0].is_hidden, false)
})
