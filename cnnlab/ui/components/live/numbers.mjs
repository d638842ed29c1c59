// Progress of a run and the numbers of the epoch that counts.

import { find } from "../shared/dom.mjs"
import { count, digits, duration, NO_BREAK, percent, points, UNKNOWN } from "../shared/numbers.mjs"
import { ENDED } from "../shared/words.mjs"
import { bestOf, epochSeconds, gapOf } from "./history.mjs"
import { isStopping, say, statusOf } from "./part.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("../shared/records.d.ts").EpochRecord} EpochRecord
 * @typedef {import("../shared/records.d.ts").Watched} Watched
 * @typedef {Partial<import("../shared/records.d.ts").WorkerFacts>} Facts
 */

const LEAST_MEASURED = 0.02 // of an epoch

/**
 * Epochs that are done, the open one counted by its steps.
 * @param {Pick<RunStream, "epochs" | "steps">} stream
 * @param {Facts} facts
 */
export function progressOf(stream, facts) {
  if (!facts.epochs || !facts.steps_per_epoch) return 0
  const step = stream.steps.at(-1)
  const inside = step ? (step.step + 1) / facts.steps_per_epoch : 0
  return Math.min(stream.epochs.length + inside, facts.epochs)
}

/**
 * How long it will still take, in words.
 * @param {Pick<RunStream, "epochs" | "steps">} stream
 * @param {Facts} facts
 */
export function timeLeft(stream, facts) {
  const done = progressOf(stream, facts)
  if (!facts.epochs || done < LEAST_MEASURED) return "time left: measuring"
  const left = facts.epochs - done
  if (left <= 0) return "finishing"
  const whole = epochSeconds(stream.epochs)
  if (whole) return `${duration(whole * left)} left`
  const step = stream.steps.at(-1)
  return step ? `${duration((step.seconds / done) * left)} left` : ""
}

/**
 * @param {HTMLElement} root
 * @param {RunStream} stream
 * @param {Watched} data
 */
export function drawNumbers(root, stream, data) {
  /** @type {Facts} */
  const facts = stream.state.facts ?? {}
  const status = statusOf(stream, data)
  const isEnded = ENDED.has(status)
  const total = facts.epochs ?? data.epochs
  const done = stream.epochs.length
  const bar = find(root, "[role=progressbar]")
  const share = (isEnded ? done : progressOf(stream, facts)) / total
  bar.setAttribute("aria-valuenow", String(Math.round(100 * share)))
  find(bar, "div").style.width = `${100 * share}%`
  bar.dataset.waiting = String(status === "running" && !facts.epochs)
  const isGoingOn = status === "running" && !isStopping(stream, data)
  say(root, "left", isGoingOn ? timeLeft(stream, facts) : "")
  const last = stream.steps.at(-1) ?? stream.epochs.at(-1)
  const speed = last?.images_per_second
  say(root, "speed", speed ? `${count(Math.round(speed))}${NO_BREAK}images/s` : "")
  const rate = last?.learning_rate
  say(root, "rate", rate ? `learning rate ${digits(rate)}` : "")
  const shown = shownOf(stream.epochs, { kept: data.kept, isEnded })
  const begun = facts.epochs ? Math.min(done + 1, total) : done
  say(root, "epoch", isEnded ? endedWords(stream.epochs, shown, total) : begunWords(begun, total))
  drawCards(root, stream.epochs, facts, shown)
}

/**
 * Which epoch a run is in.
 * @param {number} begun how many have begun
 * @param {number} total
 */
function begunWords(begun, total) {
  return begun ? `Epoch ${begun} of ${total}` : `${total} epochs`
}

/**
 * Which epoch the numbers of a run that has ended are of, and how many there were.
 * @param {EpochRecord[]} epochs
 * @param {EpochRecord | undefined} shown
 * @param {number} total as planned
 */
export function endedWords(epochs, shown, total) {
  const done = epochs.length
  if (!shown) return `Epoch ${done} of ${total}`
  const is = shown === bestOf(epochs) ? "Best" : shown === epochs.at(-1) ? "Last" : "Kept"
  return `${is} epoch: ${shown.epoch + 1} of ${done}${done < total ? `, ${total} planned` : ""}`
}

/**
 * While a run goes on, the cards show its last epoch; then the one whose model is kept.
 * @param {EpochRecord[]} epochs
 * @param {Pick<Watched, "kept"> & { isEnded: boolean }} run
 */
function shownOf(epochs, { kept, isEnded }) {
  if (!isEnded) return epochs.at(-1)
  return kept == null ? bestOf(epochs) : epochs.find(({ epoch }) => epoch === kept)
}

/**
 * Each card says of which epoch it is.
 * @param {HTMLElement} root
 * @param {EpochRecord[]} epochs
 * @param {Facts} facts
 * @param {EpochRecord | undefined} shown
 */
function drawCards(root, epochs, facts, shown) {
  const best = bestOf(epochs)
  const where = shown ? `epoch ${shown.epoch + 1}` : ""
  say(root, "validation", percent(shown?.val_accuracy))
  say(root, "best", shown && best ? `${where}, ${bestWords(shown, best)}` : "")
  say(root, "clean", percent(shown?.clean_accuracy))
  say(root, "subset", `${where && `${where}, `}${cleanWords(facts)}`)
  const gap = shown ? gapOf(shown) : null
  say(root, "gap", gap == null ? UNKNOWN : points(gap))
  say(root, "between", `clean train − validation${where && `, ${where}`}`)
  say(root, "entropy", digits(shown?.val_cross_entropy))
  say(root, "without", `cross-entropy in nats${where && `, ${where}`}`)
}

/**
 * @param {Pick<EpochRecord, "epoch">} shown
 * @param {EpochRecord} best
 */
function bestWords(shown, best) {
  if (shown.epoch === best.epoch) return "the best"
  return `best ${percent(best.val_accuracy)} in ${best.epoch + 1}`
}

/**
 * How clean train was measured: with everything random off, whatever the run trains with.
 * @param {Facts} facts
 */
export function cleanWords(facts) {
  const off = "dropout and augmentation off"
  if (!facts.clean_is_subset) return off
  return `${off}, ${count(facts.clean_images ?? 0)} of ${count(facts.train_images ?? 0)} images`
}
