import assert from "node:assert/strict"
import { test } from "node:test"

import { whyNot } from "./lens.mjs"

/** @param {string} name */
const told = (name) => whyNot(Object.assign(new Error(), { name }), "press Start")

test("why there is no camera is said with what to do about it", () => {
  assert.match(whyNot(undefined, "press Start"), /https, or on this machine/)
  assert.match(told("NotAllowedError"), /isn't allowed.*then press Start\.$/)
  assert.match(told("NotFoundError"), /No camera was found: connect one, then press Start\.$/)
  assert.match(told("NotReadableError"), /another program has it.*then press Start\.$/)
})
