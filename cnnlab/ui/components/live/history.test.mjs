import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { bestOf, epochSeconds, gapOf } from "./history.mjs"

const cases = JSON.parse(
  readFileSync(new URL("../../../../tests/browser/cases.json", import.meta.url), "utf8"))

for (const { said, epochs, best } of cases.best_epoch)
  test(`the best epoch is that of Python: ${said}`, () => {
    assert.equal(bestOf(epochs)?.epoch ?? null, best)
  })

test("the gap is that of Python", () => {
  for (const { epoch, gap } of cases.gap) assert.equal(gapOf(epoch), gap)
})

test("an epoch takes what the last five took, their evaluation included", () => {
  const slow = { seconds: 100, evaluation_seconds: 100 }
  const recent = [1, 2, 3, 4, 5].map((seconds) => ({ seconds, evaluation_seconds: 1 }))
  assert.equal(epochSeconds([slow, ...recent]), 4)
  assert.equal(epochSeconds([{ seconds: 2 }]), 2) // an earlier version wrote no evaluation
  assert.equal(epochSeconds([]), 0)
})
