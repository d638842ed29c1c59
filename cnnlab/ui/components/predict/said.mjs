// What models say of a picture, in words and numbers as they are shown.

import { NO_BREAK, PERCENT, called, count, fixed, percent } from "../shared/numbers.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PredictAnswer} PredictAnswer
 * @typedef {import("../shared/records.d.ts").Prediction} Prediction
 * @typedef {import("../shared/records.d.ts").Guess} Guess
 * @typedef {import("../shared/records.d.ts").Familiarity} Familiarity
 */

const LEAST_SHOWN = 0.0005 // what is less would be shown as 0.0 %
const MOST_SHOWN = 0.9995

/**
 * A probability: never as 0 or 100 %, which no network means.
 * @param {number} share 0..1
 */
export function probability(share) {
  if (share < LEAST_SHOWN) return `< 0.1${PERCENT}`
  return share > MOST_SHOWN && share < 1 ? `> 99.9${PERCENT}` : percent(share)
}

/**
 * A class's probability; the model's own where the calibrated one isn't known.
 * @param {Guess} guess
 * @param {boolean} isCalibrated whether that is wanted
 */
export function shareOf(guess, isCalibrated) {
  return isCalibrated ? guess.calibrated ?? guess.probability : guess.probability
}

/** @param {Prediction} prediction */
export function isCalibratable({ top }) {
  return top.some(({ calibrated }) => calibrated !== null)
}

/**
 * Of which models probabilities can't be shown calibrated, and why; empty where they can.
 * @param {PredictAnswer | null} answer
 * @returns {[string, string]}
 */
export function whyUncalibrated(answer) {
  const all = answer?.predictions ?? []
  const lacking = all.filter((prediction) => !isCalibratable(prediction))
  if (!lacking.length) return ["", ""]
  const names = lacking.map(({ run_name: name }) => name).join(", ")
  return [all.length === 1 ? "Not calibrated" : `Not calibrated: ${names}`,
    "'Judge this model' on the run's page finds out how to make its probabilities true. It needs " +
    "validation images, and sometimes finds nothing that helps."]
}

/**
 * Whether the picture is like those that the model knows, and how far that can be trusted; empty
 * where nobody knows.
 * @param {Familiarity | null} familiarity
 * @returns {[string, string]}
 */
export function familiarityWords(familiarity) {
  if (!familiarity) return ["", ""]
  const { is_unlike: isUnlike, low, high, images } = familiarity
  if (isUnlike === null) {
    return ["", "Whether it is unlike what this model was trained on can't be told: the run has too few " +
      `validation images (${count(images)})`]
  }
  if (!isUnlike) return ["Like pictures it was trained on", ""]
  return ["Unlike anything it was trained on",
    `By mistake it says so of ${short(low)} to ${short(high)}${PERCENT} of new pictures like its ` +
      `${count(images)} validation images (95 % sure)`]
}

/**
 * A share in per cent, as short as it can be told.
 * @param {number} share 0..1
 */
function short(share) {
  return fixed(100 * share, share < 0.01 ? 1 : 0)
}

/**
 * What a screen reader says of an answer.
 * @param {PredictAnswer | null} answer
 * @param {boolean} isCalibrated
 */
export function announced(answer, isCalibrated) {
  const all = answer?.predictions ?? []
  return all.map((prediction) => {
    const [best] = prediction.top
    const of = all.length > 1 ? `${prediction.run_name}: ` : ""
    const unlike = prediction.familiarity?.is_unlike ? ", unlike anything it was trained on" : ""
    return `${of}${called(prediction.class)}, ${probability(shareOf(best, isCalibrated))}${unlike}`
  }).join(". ")
}

/**
 * What there is to say beside the answer.
 * @param {{ isAsking: boolean, phase: string, answer: PredictAnswer | null, waited: number }} session
 */
export function statusWords({ isAsking, phase, answer, waited }) {
  if (phase) return `${phase.replace(/[.… ]*$/, "")} ...`
  if (!answer) return isAsking ? "Asking the model ..." : ""
  return `Answered in ${milliseconds(waited)} (by the server in ${milliseconds(answer.milliseconds)})`
}

/** @param {number} spent */
function milliseconds(spent) {
  return `${Math.round(spent)}${NO_BREAK}ms`
}

/** Says what changes, but not more often than one can listen to. */
export class Announcer {
  #said = ""
  #since = -Infinity

  /** @param {number} leastMs between two things said of a camera */
  constructor(leastMs) {
    this.leastMs = leastMs
  }

  /**
   * The words to say now, or nothing.
   * @param {string} words
   * @param {boolean} isLive whether more come by themselves
   * @param {number} now ms
   */
  next(words, isLive, now) {
    const about = isLive ? words.replace(/, [<> ]*[\d.]+\s%/g, "") : words
    if (!words || about === this.#said) return undefined
    if (isLive && now - this.#since < this.leastMs) return undefined
    this.#said = about
    this.#since = now
    return words
  }
}

/** How many come in a second, of the last few. */
export class Rate {
  /** @type {number[]} */
  #moments = []

  /** @param {number} spanMs */
  constructor(spanMs) {
    this.spanMs = spanMs
  }

  /**
   * Count one more.
   * @param {number} now ms
   * @returns {number | null} per second; nothing before a second is over
   */
  count(now) {
    this.#moments = [...this.#moments.filter((moment) => now - moment < this.spanMs), now]
    const span = now - this.#moments[0]
    return span < 1000 ? null : 1000 * (this.#moments.length - 1) / span
  }
}
