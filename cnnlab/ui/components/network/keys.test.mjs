import assert from "node:assert/strict"
import { test } from "node:test"

import { actionOf, isOfBrowser } from "./keys.mjs"

const press = (/** @type {string} */ on, /** @type {string} */ key, /** @type {object} */ held = {}) =>
  actionOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held,
    target: { matches: (/** @type {string} */ selector) => selector.split(", ").includes(on) } })

test("on a card the arrows lead on, with Alt they move it", () => {
  assert.equal(press(".cnnlab-net-card", "ArrowRight"), "behind")
  assert.equal(press(".cnnlab-net-card", "ArrowRight", { altKey: true }), "later")
  assert.equal(press(".cnnlab-net-card", "Delete"), "remove")
  assert.equal(press("button", "Delete"), undefined)
})

test("taking back works wherever the focus is, but in a field, which has its own", () => {
  assert.equal(press("button", "z", { ctrlKey: true }), "undo")
  assert.equal(press("button", "Z", { metaKey: true, shiftKey: true }), "redo")
  assert.equal(press("input", "z", { ctrlKey: true }), undefined)
  assert.equal(press("input", "Delete"), undefined)
})

test("a layer on a path is removed and moved by keys; its arrows stay the browser's", () => {
  assert.equal(press(".cnnlab-net-chip", "Delete"), "remove")
  assert.equal(press(".cnnlab-net-chip", "ArrowUp", { altKey: true }), "earlier")
  assert.equal(press(".cnnlab-net-chip", "ArrowUp"), undefined)
})

test("Escape leads from the panel back to the card, and closes the text", () => {
  assert.equal(press(".cnnlab-net-panel *", "Escape"), "card")
  assert.equal(press("textarea", "Escape"), "json")
  assert.equal(press(".cnnlab-net-card", "Escape"), undefined)
})

test("keys of blocks do nothing in a field, and don't leave the page there", () => {
  const alt = { key: "ArrowLeft", ctrlKey: false, metaKey: false, altKey: true }
  assert.equal(press("input", "ArrowLeft", alt), undefined)
  assert.equal(press("input", "d", { ctrlKey: true }), undefined)
  assert.equal(isOfBrowser(alt, false), true)
  assert.equal(isOfBrowser(alt, true), false)
  assert.equal(isOfBrowser({ ...alt, key: "d", altKey: false, ctrlKey: true }, false), true)
  assert.equal(isOfBrowser({ ...alt, altKey: false }, false), false)
})
