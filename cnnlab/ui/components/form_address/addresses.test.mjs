import assert from "node:assert/strict"
import { test } from "node:test"

import { addressOfPage, addressWith } from "./addresses.mjs"

const AT = "http://here:1/train"

test("parameters are set beside others, readable, and go where they are empty", () => {
  const told = { recipe: "", config: "training.epochs:30,image.size:32" }
  const set = addressWith(`${AT}?dataset=a-1`, told)
  assert.equal(set, `${AT}?dataset=a-1&config=training.epochs:30,image.size:32`)
  assert.equal(addressWith(set, told), set)
  assert.equal(addressWith(set, { recipe: "", config: "" }), `${AT}?dataset=a-1`)
  assert.equal(addressWith(`${AT}?config=x`, { config: "" }), AT)
})

test("what would end a parameter is written so that it doesn't", () => {
  const value = '{"architecture.pretrained":"a&b=c#d"}'
  const address = new URL(addressWith(AT, { config: value }))
  assert.equal(address.searchParams.get("config"), value)
  assert.equal(address.hash, "")
})

test("the address of the page that a click has led to stays as it is", () => {
  const data = { page: "train", told: { config: "training.epochs:30" } }
  assert.equal(addressOfPage("http://here:1/lab/runs?run=a", data), "http://here:1/lab/runs?run=a")
  assert.equal(addressOfPage("http://here:1/lab/train", data),
    "http://here:1/lab/train?config=training.epochs:30")
})
