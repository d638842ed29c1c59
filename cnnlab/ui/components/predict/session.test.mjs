import assert from "node:assert/strict"
import { test } from "node:test"

import { settled } from "../../../../tests/browser/elements.mjs"
import { leave, Session, sessionOf } from "./session.mjs"

/** @typedef {import("./session.mjs").PredictAnswer} PredictAnswer */

const NOTHING = { predictions: [], milliseconds: 0 }
const KNOWN = { distance: 1, limit: 2, is_unlike: false, false_alarms: 0, low: 0, high: 0.1, images: 9 }
const SAID = { class: "cat", run: "a", run_name: "A", file: "a.png", probability: 0.9, familiarity: KNOWN,
  top: [{ class: "cat", probability: 0.9, calibrated: null }] }
const ANSWER = { predictions: [SAID], milliseconds: 3 }
const BLOB = new Blob(["picture"])

/**
 * @param {string} name
 * @param {boolean} [isLive]
 */
const picture = (name, isLive = false) => ({ name, isLive, take: async () => BLOB })

/** A route whose answers come when they are told to. */
function route() {
  /** @type {{ name: string, signal: AbortSignal, answer: (told: PredictAnswer) => void,
   *   fail: (error: Error) => void }[]} */
  const asked = []
  /** @type {import("./session.mjs").Ask} */
  const ask = ({ name }, _, signal) => new Promise((answer, fail) => {
    asked.push({ name, signal, answer, fail })
  })
  return { asked, ask }
}

function session() {
  const { asked, ask } = route()
  const made = new Session(async () => {})
  made.use("a", ask)
  return { made, asked }
}

test("a picture is asked about, and its answer is there for all who listen", async () => {
  const { made, asked } = session()
  let told = 0
  made.listen("prediction", () => { told += 1 })
  const shown = made.show(picture("a.png"))
  await settled()
  assert.ok(made.isAsking)
  assert.equal(asked[0].name, "a.png")
  asked[0].answer(ANSWER)
  await shown
  assert.deepEqual([made.answer, made.problem, made.isAsking, made.answers], [ANSWER, "", false, 1])
  assert.equal(made.content, BLOB)
  assert.ok(told >= 3)
})

test("a newer picture takes the place of an older one, whose answer is too late", async () => {
  const { made, asked } = session()
  const first = made.show(picture("old.png"))
  await settled()
  const second = made.show(picture("new.png"))
  await settled()
  assert.ok(asked[0].signal.aborted)
  asked[1].answer(ANSWER)
  asked[0].answer({ ...ANSWER, milliseconds: 99 })
  await Promise.all([first, second])
  assert.equal(made.answer?.milliseconds, 3)
  assert.equal(made.picture?.name, "new.png")
  assert.equal(made.answers, 1)
})

test("while a model is loaded it is said, and the picture is asked about again", async () => {
  const { made, asked } = session()
  const shown = made.show(picture("a.png"))
  await settled()
  asked[0].answer({ ...NOTHING, phase: "Loading the model" })
  await settled()
  assert.equal(made.phase, "Loading the model")
  asked[1].answer({ ...ANSWER, phase: "Loading the other" })
  await settled()
  assert.equal(made.answer?.predictions[0].class, "cat") // who can answer does
  asked[2].answer(ANSWER)
  await shown
  assert.deepEqual([made.phase, made.isAsking, made.answers], ["", false, 1])
})

test("a picture that never gets an answer isn't asked about for ever", async () => {
  let times = 0
  const made = new Session(async () => {})
  made.use("a", async () => {
    times += 1
    return { ...NOTHING, phase: "Answering pictures" }
  })
  await made.show(picture("a.png"))
  assert.match(made.problem, /no answer for minutes \(the last word: Answering pictures\)/)
  assert.deepEqual([made.isAsking, made.phase, times], [false, "", 1200])
})

test("what isn't known of a picture yet is asked for later, and quietly", async () => {
  const { made, asked } = session()
  const shown = made.show(picture("a.png"))
  await settled()
  const early = { ...ANSWER, predictions: [{ ...SAID, familiarity: null }] }
  asked[0].answer(early)
  await shown
  await settled()
  assert.equal(made.answer, early)
  assert.ok(!made.isAsking)
  asked[1].answer(early)
  await settled()
  asked[2].answer({ ...ANSWER, milliseconds: 99 })
  await settled()
  assert.deepEqual([made.answer, made.answers, asked.length], [ANSWER, 1, 3])
})

test("a camera gives a fresh picture each time it is asked", async () => {
  const { made, asked } = session()
  let taken = 0
  const shown = made.show({ ...picture("camera", true), take: async () => {
    taken += 1
    return taken === 2 ? null : BLOB
  } })
  await settled()
  asked[0].answer({ ...NOTHING, phase: "Loading" })
  await shown // it was turned off meanwhile
  assert.equal(taken, 2)
  assert.equal(asked.length, 1)
  assert.ok(!made.isAsking)
})

test("what goes wrong is said in place of an answer, and the next picture is none the worse", async () => {
  const { made, asked } = session()
  let shown = made.show(picture("a.png"))
  await settled()
  asked[0].fail(new Error("The server can't be reached."))
  await shown
  assert.equal(made.problem, "The server can't be reached.")
  shown = made.show(picture("b.txt"))
  assert.equal(made.problem, "")
  await settled()
  asked[1].answer({ ...NOTHING, problem: "b.txt is no picture." })
  await shown
  assert.deepEqual([made.problem, made.answer], ["b.txt is no picture.", null])
})

test("a picture that isn't worth a question takes the place of the last one as well", async () => {
  const { made, asked } = session()
  const shown = made.show(picture("a.png"))
  await settled()
  made.refuse("b.png", "b.png is empty.")
  asked[0].answer(ANSWER)
  await shown
  assert.deepEqual([made.picture?.name, made.problem, made.answer, made.content, made.isAsking],
    ["b.png", "b.png is empty.", null, null, false])
})

test("a camera's problem doesn't flicker from picture to picture", async () => {
  const { made, asked } = session()
  const camera = picture("camera", true)
  const shown = made.show(camera)
  await settled()
  asked[0].answer({ ...NOTHING, problem: "The run was deleted." })
  await shown
  made.show(camera)
  assert.equal(made.problem, "The run was deleted.")
  await settled()
  asked[1].answer(ANSWER)
  await settled()
  assert.equal(made.problem, "")
})

test("the picture that is kept is the one that was answered, not the camera's next one", async () => {
  const { made, asked } = session()
  const frames = [new Blob(["first"]), new Blob(["second"])]
  const camera = { name: "camera.jpg", isLive: true, take: async () => frames[asked.length] }
  const shown = made.show(camera)
  await settled()
  asked[0].answer(ANSWER)
  await shown
  made.show(camera)
  await settled()
  assert.equal(asked.length, 2) // the second one is asked about
  /** @type {unknown[]} */
  const kept = []
  await made.keep(async (content, name) => kept.push(content, name))
  assert.deepEqual(kept, [frames[0], "camera.jpg"])
})

test("a picture is kept once however often it is pressed, and what goes wrong is said", async () => {
  const { made, asked } = session()
  /** @type {((error: Error) => void)[]} */
  const sent = []
  const send = () => new Promise((_, fail) => { sent.push(fail) })
  await made.keep(send) // nothing is there yet
  const shown = made.show(picture("a.png"))
  await settled()
  asked[0].answer(ANSWER)
  await shown
  const kept = made.keep(send)
  await made.keep(send)
  assert.deepEqual([made.isKeeping, sent.length], [true, 1])
  sent[0](new Error("The disk is full."))
  await kept
  assert.ok(!made.isKeeping)
  assert.equal(made.keepingProblem, "a.png can't be added: The disk is full.")
  assert.equal(made.answer, ANSWER)
  made.keep(async () => {})
  assert.equal(made.keepingProblem, "")
})

test("why a picture couldn't be kept stands until another one is tried, not the next frame", async () => {
  const { made, asked } = session()
  const camera = picture("camera.jpg", true)
  const show = async (/** @type {typeof camera} */ given, /** @type {number} */ at) => {
    const shown = made.show(given)
    await settled()
    asked[at].answer(ANSWER)
    await shown
  }
  await show(camera, 0)
  await made.keep(async () => { throw new Error("The disk is full.") })
  await show(camera, 1)
  assert.match(made.keepingProblem, /disk is full/)
  await show(picture("b.png"), 2)
  assert.equal(made.keepingProblem, "")
})

test("how long an answer was waited for is told of the answer that is shown", async () => {
  const { made, asked } = session()
  const camera = picture("camera.jpg", true)
  made.show(camera)
  await settled()
  asked[0].answer(ANSWER)
  await settled()
  const before = made.waited = -1
  made.show(camera)
  await settled()
  asked[1].answer({ ...ANSWER, milliseconds: 99, phase: "Loading the other" })
  await settled()
  made.stop() // the camera is turned off
  assert.deepEqual([made.answer?.milliseconds, made.waited > before], [99, true])
})

test("other models are asked about the picture that is there", async () => {
  const { made, asked } = session()
  const shown = made.show(picture("a.png"))
  await settled()
  asked[0].answer(ANSWER)
  await shown
  const other = route()
  made.use("b", other.ask)
  await settled()
  assert.equal(made.answer, null)
  assert.equal(other.asked[0].name, "a.png")
  made.use("b", other.ask)
  await settled()
  assert.equal(other.asked.length, 1)
  made.use("", null)
  assert.ok(other.asked[0].signal.aborted)
  await made.show(picture("c.png"))
  assert.ok(!made.isAsking)
})

test("the parts of a place share a session until the last of them has left", () => {
  const shared = sessionOf("page")
  shared.listen("upload", () => {})
  shared.listen("prediction", () => {})
  assert.equal(sessionOf("page"), shared)
  assert.notEqual(sessionOf("panel"), shared)
  leave("page", "upload")
  assert.equal(sessionOf("page"), shared)
  leave("page", "prediction")
  assert.notEqual(sessionOf("page"), shared)
})

test("whoever asks where the models look is answered of the picture that is there", async () => {
  const { made, asked } = session()
  const shown = made.show(picture("a.png"))
  await settled()
  asked[0].answer(ANSWER)
  await shown
  made.look({ method: "occlusion", className: "" })
  await settled()
  assert.equal(asked.length, 2)
  assert.equal(asked[1].name, "a.png")
  assert.deepEqual([made.answer], [ANSWER], "what was said stands meanwhile")
  const explanation = { check: null, overlay: "data:x", words: [] }
  asked[1].answer({ ...ANSWER, predictions: [{ ...SAID, explanation }] })
  await settled()
  assert.equal(asked.length, 3, "whether its maps mean something is found out quietly")
  const check = { method: "occlusion", signed: 0, sizes: 0, pictures: 12 }
  asked[2].answer({ ...ANSWER, predictions: [{ ...SAID, explanation: { ...explanation, check } }] })
  await settled()
  assert.equal(asked.length, 3)
  assert.deepEqual(made.answer?.predictions[0].explanation?.check, check)
})

test("without a picture nothing is asked, and the next one is asked with it", async () => {
  const { made, asked } = session()
  made.look({ method: "hirescam", className: "cat" })
  await settled()
  assert.equal(asked.length, 0)
  assert.deepEqual(made.where, { method: "hirescam", className: "cat" })
})
