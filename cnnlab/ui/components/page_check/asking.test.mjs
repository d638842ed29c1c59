import assert from "node:assert/strict"
import { afterEach, test } from "node:test"
import { checked } from "./asking.mjs"

const data = {
  page: "/page", sha256: "ab12", image: "/images/NUMBER?calibrated=yes", told: "/check",
  token: "secret", images: 3,
}
const real = globalThis.fetch
afterEach(() => { globalThis.fetch = real })

/**
 * @param {(address: string, options: any) => Response} answer
 * @returns {{ address: string, options: any }[]} what was asked
 */
function served(answer) {
  /** @type {{ address: string, options: any }[]} */
  const asked = []
  const fetched = async (/** @type {string} */ address, /** @type {any} */ options) => {
    asked.push({ address, options })
    return answer(address, options)
  }
  globalThis.fetch = /** @type {any} */ (fetched)
  return asked
}

const say = async (/** @type {number} */ id, /** @type {ArrayBuffer} */ content) =>
  ({ probabilities: [id, content.byteLength], milliseconds: id + 0.5 })
const { signal } = new AbortController()

test("every picture is asked about in its turn, and all is told at once", async () => {
  const asked = served((address) => (address === "/check" ? Response.json({}) : new Response("abc")))
  /** @type {number[]} */
  const done = []
  assert.equal(await checked(data, say, signal, (count) => done.push(count)), "")
  assert.deepEqual(done, [0, 1, 2, 3])
  assert.deepEqual(asked.map(({ address }) => address), [
    "/images/0?calibrated=yes", "/images/1?calibrated=yes", "/images/2?calibrated=yes", "/check",
  ])
  assert.ok(asked.every(({ options }) => options.headers["X-Cnnlab-Token"] === "secret"))
  assert.deepEqual(JSON.parse(asked[3].options.body), {
    sha256: "ab12", probabilities: [[0, 3], [1, 3], [2, 3]], milliseconds: [0.5, 1.5, 2.5],
  })
})

test("why a page isn't offered is passed on", async () => {
  served((address) => (address === "/check" ? Response.json({ problem: "Other." }) : new Response("abc")))
  assert.equal(await checked(data, say, signal, () => {}), "Other.")
})

test("a picture that the server doesn't give ends it with the server's words", async () => {
  served(() => new Response("The dataset is gone.", { status: 404 }))
  await assert.rejects(checked(data, say, signal, () => {}), /The dataset is gone/)
})

test("a server that can't be reached is said", async () => {
  globalThis.fetch = () => Promise.reject(new TypeError("failed"))
  await assert.rejects(checked(data, say, signal, () => {}), /The server can't be reached/)
})
