import assert from "node:assert/strict"
import { beforeEach, mock, test } from "node:test"

import { Feed } from "./feed.mjs"

/** @typedef {import("../shared/records.d.ts").StoryNews} News */

const page = new EventTarget()
/** @type {{ address: string, token: string | undefined }[]} */
let asked = []
/** @type {(() => Response)[]} */
let answers = []

beforeEach(() => {
  mock.timers.reset()
  mock.timers.enable(/** @type {any} the types are of an earlier Node */ ({ apis: ["setTimeout"] }))
  asked = []
  answers = []
  Object.assign(page, { hidden: false })
  Object.assign(globalThis, { document: page,
    fetch: async (/** @type {string} */ address, /** @type {RequestInit} */ { headers } = {}) => {
      asked.push({ address, token: new Headers(headers).get("X-Cnnlab-Token") ?? undefined })
      const answer = answers.shift()
      if (!answer) throw new Error("no connection")
      return answer()
    } })
})

const news = (/** @type {string} */ version) => () => Response.json({ version, story: {} })
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** @param {string} address */
function watched(address, token = "") {
  /** @type {string[]} */
  const told = []
  const feed = new Feed(address, token, "a-1", (found) => told.push(found.version),
    (state) => told.push(state))
  feed.start()
  return { feed, told }
}

/** @param {number} milliseconds */
async function pass(milliseconds) {
  mock.timers.tick(milliseconds)
  await settled()
}

test("what is new is told once, and asked for by the version that is known", async () => {
  const { feed, told } = watched("/story?notes=1", "secret")
  answers = [news("a-1"), news("a-2"), news("a-2")]
  await pass(1500)
  await pass(1500)
  await pass(1500)
  feed.stop()
  assert.deepEqual(told, ["fine", "fine", "a-2", "fine"])
  assert.deepEqual(asked.map(({ address }) => address),
    ["a-1", "a-1", "a-2"].map((version) => `/story?notes=1&since=${version}`))
  assert.equal(asked[0].token, "secret")
})

test("a study that has ended is seldom asked for", async () => {
  const { feed } = watched("/story")
  answers = [news("a-2"), news("a-2")]
  await pass(1500)
  feed.isQuiet = true
  await pass(1500) // this one was due before it was known
  await pass(14_000)
  assert.equal(asked.length, 2)
  feed.stop()
})

test("who reads sends no token", async () => {
  const { feed } = watched("/story")
  answers = [news("a-1")]
  await pass(1500)
  feed.stop()
  assert.deepEqual(asked, [{ address: "/story?since=a-1", token: undefined }])
})

test("a page that nobody sees asks nothing until it is seen again", async () => {
  const { feed } = watched("/story")
  Object.assign(page, { hidden: true })
  await pass(1500)
  await pass(60_000)
  assert.equal(asked.length, 0)
  Object.assign(page, { hidden: false })
  answers = [news("a-2")]
  page.dispatchEvent(new Event("visibilitychange"))
  await settled()
  assert.equal(asked.length, 1)
  feed.stop()
})

test("a lost connection is said after the second failure, and found again", async () => {
  const { feed, told } = watched("/story")
  await pass(1500)
  assert.deepEqual(told, [])
  await pass(3000)
  assert.deepEqual(told, ["lost"])
  await pass(3000)
  assert.equal(asked.length, 2)
  answers = [news("b-1")]
  await pass(3000)
  assert.deepEqual(told, ["lost", "fine", "b-1"])
  feed.stop()
})

test("a study that is gone isn't asked for any more", async () => {
  const { told } = watched("/story")
  answers = [() => new Response("", { status: 404 })]
  await pass(1500)
  await pass(60_000)
  assert.deepEqual(told, ["gone"])
  assert.equal(asked.length, 1)
})
