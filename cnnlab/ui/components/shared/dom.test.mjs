import assert from "node:assert/strict"
import { test } from "node:test"

import { Element } from "../../../../tests/browser/elements.mjs"
import { isTouched, withoutKeys } from "./dom.mjs"

/** @param {boolean} matches whether a finger points */
function pointed(matches) {
  const matchMedia = (/** @type {string} */ query) => ({ matches: matches && query === "(pointer: coarse)" })
  Object.assign(globalThis, { matchMedia })
}

/** @param {...string} titles of buttons */
function toolbar(...titles) {
  const buttons = titles.map((title) => {
    const button = new Element()
    button.setAttribute("title", title)
    return button
  })
  return { buttons, root: /** @type {any} */ ({ querySelectorAll: () => buttons }) }
}

test("a finger has no keys to press: titles name none", () => {
  const { buttons, root } = toolbar("Undo (Ctrl+Z)", "Share by a link")
  pointed(false)
  withoutKeys(root)
  assert.equal(buttons[0].getAttribute("title"), "Undo (Ctrl+Z)")
  pointed(true)
  assert.ok(isTouched())
  withoutKeys(root)
  assert.deepEqual(buttons.map((button) => button.getAttribute("title")), ["Undo", "Share by a link"])
})
