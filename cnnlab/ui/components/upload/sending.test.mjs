import assert from "node:assert/strict"
import { test } from "node:test"

import { insist, nextSize, Refusal, send } from "./sending.mjs"

const MIB = 1024 ** 2
const LEAST = 256 * 1024

/** @param {number} size bytes */
const fileOf = (size) => new Blob([new Uint8Array(size)])

/**
 * A server that keeps what it is sent, at most `most` bytes of a chunk.
 * @param {{ method: string, address: string, bytes: number }[]} asked
 * @param {number} most
 */
function server(asked, most) {
  return async (/** @type {string} */ method, /** @type {string} */ address,
    /** @type {Blob | undefined} */ body) => {
    asked.push({ method, address, bytes: body?.size ?? 0 })
    if (method === "POST") return { token: "abc", chunk_bytes: 8 * MIB }
    const offset = Number(new URL(address, "http://here").searchParams.get("offset"))
    return { have: offset + Math.min(body?.size ?? 0, most) }
  }
}

test("a file goes in chunks, each from where the server is", async () => {
  /** @type {{ method: string, address: string, bytes: number }[]} */
  const asked = []
  /** @type {number[]} */
  const shares = []
  const token = await send("a&b.zip", fileOf(3 * MIB), "/api/uploads", server(asked, MIB),
    () => true, (share) => shares.push(share))
  assert.equal(token, "abc")
  assert.equal(asked[0].address, `/api/uploads?name=a%26b.zip&size=${3 * MIB}`)
  assert.deepEqual(asked.slice(1).map(({ address }) => address),
    [0, MIB, 2 * MIB].map((offset) => `/api/uploads/abc?offset=${offset}`))
  assert.deepEqual(shares, [1 / 3, 2 / 3, 1])
})

test("what isn't wanted any more isn't sent on", async () => {
  /** @type {{ method: string, address: string, bytes: number }[]} */
  const asked = []
  const token = await send("a.zip", fileOf(3 * MIB), "/u", server(asked, MIB),
    () => asked.length < 2, () => {})
  assert.equal(token, undefined)
  assert.equal(asked.length, 2)
})

test("a broken connection is tried again, a refusal isn't, and all has an end", async () => {
  /** @type {number[]} */
  const waits = []
  const wait = async (/** @type {number} */ milliseconds) => waits.push(milliseconds)
  let tries = 0
  const answer = await insist(async () => {
    tries += 1
    if (tries < 3) throw new Refusal("The server can't be reached.", false)
    return "here"
  }, wait)
  assert.equal(answer, "here")
  assert.deepEqual(waits, [600, 1200])
  const refuse = async () => { throw new Refusal("It's too large.", true) }
  await assert.rejects(insist(refuse, wait), /too large/)
  assert.equal(waits.length, 2)
  const never = async () => { throw new Refusal("The server can't be reached.", false) }
  await assert.rejects(insist(never, wait), /reached/)
  assert.equal(waits.length, 2 + 7)
})

test("chunks grow with the connection and shrink with it, within limits", () => {
  assert.equal(nextSize(MIB, 0.5, 8 * MIB), 2 * MIB)
  assert.equal(nextSize(8 * MIB, 0.5, 8 * MIB), 8 * MIB)
  assert.equal(nextSize(MIB, 2, 8 * MIB), MIB)
  assert.equal(nextSize(MIB, 10, 8 * MIB), MIB / 2)
  assert.equal(nextSize(LEAST, 10, 8 * MIB), LEAST)
})
