import assert from "node:assert/strict"
import { resolveObjectURL } from "node:buffer"
import { test } from "node:test"

import { Sources } from "./sources.mjs"

/** @param {string} id @param {Blob | null} file @returns {import("./gathering.mjs").Picture} */
const picture = (id, file) => ({ id, name: "", file, state: "kept" })

/** @param {...import("./gathering.mjs").Picture} pictures */
const cup = (...pictures) => ({ id: "cup", name: "cup", images: null, pictures, problem: "" })

test("a picture is seen from the browser's memory while it is shown, and no longer", () => {
  const sources = new Sources("/api/drafts")
  const [here, other] = ["a", "b"].map((id) => picture(id, new Blob([id])))
  const own = cup(here, other)
  const [first, second] = own.pictures.map((each) => sources.of(each, own, "token", 160))
  assert.equal(sources.of(here, own, "token", 1600), first)
  sources.keepOnly([cup(here)])
  assert.ok(resolveObjectURL(first) && !resolveObjectURL(second))
  const anew = sources.of(other, own, "token", 160)
  assert.ok(resolveObjectURL(anew)) // put back
  sources.keepOnly([])
  assert.ok(!resolveObjectURL(first) && !resolveObjectURL(anew))
})

test("what the server has is asked for in the size that is shown", () => {
  const sources = new Sources("/api/drafts")
  const old = picture("a", null)
  assert.equal(sources.of(old, cup(old), "token", 160), "/api/drafts/token/cup/a?px=160")
})
