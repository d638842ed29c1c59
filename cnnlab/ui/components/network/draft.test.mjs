import assert from "node:assert/strict"
import { test } from "node:test"

import * as drafts from "./draft.mjs"
import { History } from "./history.mjs"

const named = (/** @type {string[]} */ ...kinds) => ({
  entries: kinds.map((kind) => drafts.entryOf({ kind, enabled: true })), isOwn: false, frozen: null })
const kindsOf = (/** @type {import("./draft.mjs").Draft} */ draft) =>
  draft.entries.map(({ spec }) => spec.kind).join(" ")
const at = (/** @type {import("./draft.mjs").Draft} */ draft, /** @type {number} */ place) =>
  ({ id: draft.entries[place].id, path: null })

test("a layer goes in behind the chosen one, and is chosen then", () => {
  const draft = named("conv", "dense")
  const { draft: changed, choice } = drafts.insert(draft, at(draft, 0), { kind: "flatten" })
  assert.equal(kindsOf(changed), "conv flatten dense")
  assert.equal(drafts.placeOf(changed, choice.id), 1)
  assert.ok(changed.isOwn)
  const first = drafts.insert(draft, { id: drafts.IMAGE, path: null }, { kind: "flatten" })
  assert.equal(kindsOf(first.draft), "flatten conv dense")
  const last = drafts.insert(draft, { id: drafts.CLASSES, path: null }, { kind: "flatten" })
  assert.equal(kindsOf(last.draft), "conv dense flatten")
  assert.equal(kindsOf(draft), "conv dense") // what was stays as it was
})

test("what is removed leaves the choice to its neighbour, and the ice to the one before", () => {
  const draft = { ...named("conv", "pool", "dense") }
  const frozen = { ...draft, frozen: draft.entries[1].id }
  const { draft: changed, choice } = drafts.remove(frozen, at(draft, 1))
  assert.equal(kindsOf(changed), "conv dense")
  assert.equal(drafts.placeOf(changed, choice.id), 1)
  assert.equal(changed.frozen, draft.entries[0].id)
  const one = named("conv")
  const empty = drafts.remove(one, at(one, 0))
  assert.deepEqual([empty.draft.entries.length, empty.choice.id], [0, drafts.IMAGE])
})

test("blocks move within the list and stop at its ends", () => {
  const draft = named("conv", "pool", "dense")
  const moved = drafts.move(draft, at(draft, 0), 2)
  assert.equal(moved && kindsOf(moved.draft), "pool dense conv")
  assert.equal(drafts.move(draft, at(draft, 0), -1), null)
  assert.equal(drafts.move(draft, { id: drafts.CLASSES, path: null }, -1), null)
})

test("a copy is a layer of its own", () => {
  const draft = named("conv")
  const twice = drafts.duplicate(draft, at(draft, 0))
  assert.ok(twice)
  const changed = drafts.set(twice.draft, twice.choice, "filters", 5)
  assert.deepEqual(changed.entries.map(({ spec }) => spec.filters), [undefined, 5])
})

test("the layers of a path are put in, moved, changed and removed", () => {
  const entry = drafts.entryOf({ kind: "branch_block", paths: [[], [{ kind: "conv" }]] })
  const draft = { entries: [entry], isOwn: true, frozen: null }
  const added = drafts.insert(draft, { id: entry.id, path: [1, 0] }, { kind: "batch_norm" })
  assert.deepEqual(added.choice.path, [1, 1])
  const moved = drafts.move(added.draft, added.choice, -1)
  assert.ok(moved)
  const set = drafts.set(moved.draft, { id: entry.id, path: [1, 1] }, "filters", 7)
  assert.deepEqual(set.entries[0].spec.paths, [[], [{ kind: "batch_norm" }, { kind: "conv", filters: 7 }]])
  assert.deepEqual(drafts.chosenLayer(set, { id: entry.id, path: [1, 1] }), { kind: "conv", filters: 7 })
  const first = drafts.remove(set, { id: entry.id, path: [1, 1] })
  const empty = drafts.remove(first.draft, first.choice)
  assert.deepEqual([empty.draft.entries[0].spec.paths, empty.choice.path], [[[], []], null])
  const more = drafts.repath(empty.draft, empty.choice, null)
  assert.equal(more.draft.entries[0].spec.paths.length, 3)
  assert.equal(drafts.repath(more.draft, more.choice, 0).draft.entries[0].spec.paths.length, 2)
})

test("freezing twice at the same block thaws", () => {
  const draft = named("conv", "dense"), { id } = draft.entries[1]
  const frozen = drafts.freeze(draft, id)
  assert.equal(frozen.frozen, id)
  assert.equal(drafts.freeze(frozen, id).frozen, null)
  assert.equal(frozen.isOwn, false) // a preset can be frozen, too
})

test("steps are taken back and done again; a new one ends what could be done again", () => {
  const history = new History()
  history.note("a")
  history.note("b")
  assert.equal(history.undo("c"), "b")
  assert.equal(history.undo("b"), "a")
  assert.equal(history.undo("a"), undefined)
  assert.equal(history.redo("a"), "b")
  history.note("b")
  assert.equal(history.redo("d"), undefined)
})

test("what is typed into one field in a row is one step", () => {
  const history = new History()
  history.note(1, "filters", 0)
  history.note(12, "filters", 500)
  history.note(128, "units", 700)
  assert.deepEqual([history.undo(5), history.undo(128), history.undo(1)], [128, 1, undefined])
})
