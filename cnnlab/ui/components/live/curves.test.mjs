import assert from "node:assert/strict"
import { test } from "node:test"

import { basisOf } from "./curves.mjs"

/** @param {import("./curves.mjs").Facts} facts */
function basis(facts) {
  const known = { train_images: 400, ...facts }
  return basisOf({ turns: [] }, known, { auto_batch_size: false, parent: [] })
}

test("the page says on how many images everything was measured", () => {
  const clean = { clean_images: 120, clean_is_subset: true }
  assert.equal(basis({ ...clean, statistics_images: 0 }), "Clean train on 120 of 400 images.")
  assert.equal(basis({ statistics_images: 100 }),
    "Batch norm's statistics on 100 training images.")
  const drawn = ["probabilities/kernel", "probabilities/bias"]
  const start = { source: "the run 'a'", sha256: "5a", licence: "", taken: 14, new: drawn }
  assert.equal(basis({ pretrained: start }),
    "It started with 14 arrays of weights of the run 'a'; new: probabilities.")
  assert.equal(basis({ cached_features: "Computed once." }), "Computed once.")
})
