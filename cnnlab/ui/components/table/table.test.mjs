import assert from "node:assert/strict"
import { test } from "node:test"
import { Element } from "../../../../tests/browser/elements.mjs"
import { lead } from "./table.mjs"

test("only a row that opens something is a link", () => {
  const name = new Element()
  lead(name, "/run?run=", "a b")
  assert.equal(name.getAttribute("href"), "/run?run=a%20b")
  lead(name, "/run?run=", "")
  assert.equal(name.getAttribute("href"), null)
  lead(name, "", "a")
  assert.equal(name.getAttribute("href"), null)
})
