import assert from "node:assert/strict"
import { afterEach, test } from "node:test"
import { pictureOf } from "./sampling.mjs"

const own = globalThis.fetch
afterEach(() => { globalThis.fetch = own })

/** @param {{ ok: boolean, blob?: () => Promise<Blob> } | null} answer nothing where the line is down */
function answering(answer) {
  globalThis.fetch = /** @type {any} */ (async () => {
    if (!answer) throw new TypeError("no line")
    return answer
  })
}

const SAMPLE = { name: "a.png", whole: "/images/3?px=1600" }

test("a picture that is there is fetched once it is asked for", async () => {
  const content = new Blob(["x"])
  answering({ ok: true, blob: async () => content })
  const picture = pictureOf(SAMPLE)
  assert.deepEqual([picture.name, picture.isLive], ["a.png", false])
  assert.equal(await picture.take(), content)
})

test("one that is gone, or out of reach, is said in a sentence", async () => {
  for (const answer of [{ ok: false }, null]) {
    answering(answer)
    await assert.rejects(pictureOf(SAMPLE).take(), /is its dataset still there/)
  }
})
