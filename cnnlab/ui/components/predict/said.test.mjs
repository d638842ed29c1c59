import assert from "node:assert/strict"
import { test } from "node:test"

import {
  announced, Announcer, familiarityWords, probability, Rate, shareOf, statusWords, whyUncalibrated,
} from "./said.mjs"

/**
 * @param {string} run
 * @param {number | null} calibrated
 * @param {import("./said.mjs").Familiarity | null} familiarity
 */
const said = (run, calibrated, familiarity = null) => ({
  class: "cat", run, run_name: run.toUpperCase(), file: "", probability: 0.9, familiarity,
  top: [{ class: "cat", probability: 0.9, calibrated }],
})

/** @param {...ReturnType<typeof said>} predictions */
const answer = (...predictions) => ({ predictions, milliseconds: 12.4 })

const UNLIKE = {
  distance: 9, limit: 5, is_unlike: true, false_alarms: 0.05, low: 0.01, high: 0.12, images: 60,
}

test("no probability is shown as certain that isn't", () => {
  assert.deepEqual([0, 0.0004, 0.123, 0.9999, 1].map(probability),
    ["< 0.1\u00a0%", "< 0.1\u00a0%", "12.3\u00a0%", "> 99.9\u00a0%", "100.0\u00a0%"])
})

test("calibrated probabilities are shown on wish, where they are known", () => {
  assert.equal(shareOf(said("a", 0.7).top[0], true), 0.7)
  assert.equal(shareOf(said("a", 0.7).top[0], false), 0.9)
  assert.equal(shareOf(said("a", null).top[0], true), 0.9)
})

test("why probabilities aren't calibrated names the runs that lack it", () => {
  const which = (/** @type {(number | null)[]} */ ...known) => whyUncalibrated(answer(
    ...known.map((calibrated, at) => said("abc"[at], calibrated))))
  assert.deepEqual(whyUncalibrated(null), ["", ""])
  assert.deepEqual(which(0.7), ["", ""])
  const [short, why] = which(null)
  assert.equal(short, "Not calibrated", "the rest is asked for")
  assert.match(why, /'Judge this model'/)
  assert.equal(which(0.7, null)[0], "Not calibrated: B")
  assert.equal(which(null, null)[0], "Not calibrated: A, B")
})

test("an unlike picture is said with the false alarms to expect", () => {
  assert.deepEqual(familiarityWords(null), ["", ""])
  assert.deepEqual(familiarityWords({ ...UNLIKE, is_unlike: false }), ["Like pictures it was trained on", ""])
  assert.deepEqual(familiarityWords(UNLIKE), ["Unlike anything it was trained on",
    "By mistake it says so of 1 to 12\u00a0% of new pictures like its 60 validation images (95 % sure)"])
  // The limit may be beyond all of them: 0 % of these says nothing of new ones.
  const few = familiarityWords({ ...UNLIKE, false_alarms: 0, low: 0.00133, high: 0.176, images: 19 })
  assert.match(few[1], / of 0\.1 to 18\u00a0% of new pictures like its 19 validation images/)
})

test("with too few validation images nothing is called unlike, and it is said why", () => {
  const [verdict, why] = familiarityWords({ ...UNLIKE, is_unlike: null, images: 12 })
  assert.equal(verdict, "")
  assert.match(why, /can't be told: the run has too few validation images \(12\)/)
})

test("a screen reader hears the class of each model", () => {
  assert.equal(announced(answer(said("a", null)), false), "cat, 90.0\u00a0%")
  assert.equal(announced(answer(said("a", 0.7), said("b", null, UNLIKE)), true),
    "A: cat, 70.0\u00a0%. B: cat, 90.0\u00a0%, unlike anything it was trained on")
})

test("a camera's answers are heard when the class changes, and not more often than one can listen", () => {
  const announcer = new Announcer(3000)
  assert.equal(announcer.next("cat, 90.0\u00a0%", true, 0), "cat, 90.0\u00a0%")
  assert.equal(announcer.next("cat, 91.0\u00a0%", true, 5000), undefined)
  assert.equal(announcer.next("dog, 51.0\u00a0%", true, 5100), "dog, 51.0\u00a0%")
  assert.equal(announcer.next("cat, 60.0\u00a0%", true, 5200), undefined)
  assert.equal(announcer.next("cat, > 99.9\u00a0%", true, 8200), "cat, > 99.9\u00a0%")
  assert.equal(announcer.next("cat, 60.0\u00a0%", false, 8300), "cat, 60.0\u00a0%") // a file's, at once
  assert.equal(announcer.next("cat, 60.0\u00a0%", false, 8400), undefined)
})

test("the rate is that of the last seconds", () => {
  const rate = new Rate(3000)
  assert.equal(rate.count(0), null)
  assert.equal(rate.count(500), null)
  assert.equal(rate.count(1000), 2)
  for (let now = 1100; now <= 6000; now += 100) rate.count(now)
  assert.equal(rate.count(6100), 10)
})

test("what is being done is said, then how long it took", () => {
  const asking = { isAsking: true, phase: "", answer: null, waited: 0 }
  assert.equal(statusWords(asking), "Asking the model ...")
  assert.equal(statusWords({ ...asking, phase: "Loading the model" }), "Loading the model ...")
  const answered = { ...asking, isAsking: false, answer: answer(), waited: 41.6 }
  assert.match(statusWords(answered), /42\u00a0ms.*12\u00a0ms/)
})
