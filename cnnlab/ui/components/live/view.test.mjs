import assert from "node:assert/strict"
import { test } from "node:test"

import { listenToTools } from "./view.mjs"

test("the tools serve the run that is shown now, and tell of a change once", () => {
  Object.assign(globalThis, { HTMLElement: EventTarget })
  const tools = new EventTarget()
  const root = /** @type {any} */ ({ querySelector: () => tools })
  /** @type {string[]} */
  const told = []
  for (const run of ["first", "second"])
    listenToTools(root, { change: () => told.push(run), csv: () => {}, png: () => {} })
  tools.dispatchEvent(new Event("input"))
  assert.deepEqual(told, ["second"])
})
