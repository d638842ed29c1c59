import assert from "node:assert/strict"
import { test } from "node:test"

import { Element } from "../../../../tests/browser/elements.mjs"
import { drawLegend } from "./legend.mjs"

const colors = { train: "a", clean: "b", validation: "c", penalty: "d", gap: "e" }

test("a press in the legend serves the run that is shown now; what is hidden stays it", () => {
  Object.assign(globalThis, { HTMLElement: Element, document: { createElement: () => new Element() } })
  const legend = Object.assign(new Element(), { className: "cnnlab-legend" }), root = new Element()
  root.append(legend)
  /** @type {string[]} */
  const told = []
  const draw = (/** @type {string} */ run) =>
    drawLegend(/** @type {any} */ (root), { colors, branch: null }, () => told.push(run))
  draw("first")
  const [entry] = legend.children
  entry.click()
  draw("second")
  assert.equal(legend.children[0], entry)
  assert.equal(entry.getAttribute("aria-pressed"), "false")
  entry.click()
  assert.deepEqual(told, ["first", "second"])
})
