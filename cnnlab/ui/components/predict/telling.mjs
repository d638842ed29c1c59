// What the models say of the picture, drawn: the class, its probability, the next ones as bars.

import { find, make } from "../shared/dom.mjs"
import { drawLook, Looking, lookPlace } from "./looking.mjs"
import {
  announced, Announcer, familiarityWords, isCalibratable, probability, shareOf, statusWords,
  whyUncalibrated,
} from "./said.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PredictAnswer} PredictAnswer
 * @typedef {import("../shared/records.d.ts").Prediction} Prediction
 * @typedef {import("../shared/records.d.ts").PredictData} Data
 * @typedef {import("./session.mjs").Session} Session
 */

const ANNOUNCE_MS = 3000
const ROWS = 5

/** The answer's place on one page. */
export class Telling {
  #announcer = new Announcer(ANNOUNCE_MS)
  #url = ""
  /** @type {Blob | null} */
  #drawn = null
  /** @type {Data | undefined} */
  #data

  /**
   * @param {HTMLElement} root
   * @param {Session} session
   * @param {(content: Blob, name: string) => Promise<unknown>} send what the picture is kept with
   */
  constructor(root, session, send) {
    this.root = find(root, "[data-part=prediction]")
    this.session = session
    this.calibrate = /** @type {HTMLInputElement} */ (find(this.root, "[data-do=calibrate]"))
    this.calibrate.onchange = () => this.drawAnswer()
    this.add = /** @type {HTMLButtonElement} */ (find(this.root, "[data-do=add]"))
    this.add.onclick = () => session.keep(send)
    this.looking = new Looking(this.root, session)
    const image = /** @type {HTMLImageElement} */ (find(this.root, "img"))
    image.onerror = () => { image.hidden = true } // browsers don't know TIFF; the models do
    image.onload = () => { image.hidden = false }
  }

  /** @param {Data} data */
  draw(data) {
    this.#data = data
    this.looking.draw(data)
    this.drawAnswer()
  }

  leave() {
    URL.revokeObjectURL(this.#url)
  }

  drawAnswer() {
    const { session, root } = this
    const { answer } = session
    Object.assign(root.dataset, { answers: session.answers, waited: Math.round(session.waited) })
    this.#drawPicture()
    this.#drawState()
    const canCalibrate = answer?.predictions.some(isCalibratable) ?? false
    const isCalibrated = this.calibrate.checked && canCalibrate
    this.calibrate.disabled = !canCalibrate
    this.#drawUncalibrated(...whyUncalibrated(answer))
    this.add.hidden = !answer || !this.#data?.addable
    this.add.disabled = session.isKeeping
    drawModels(find(root, ".cnnlab-models"), answer, this.#data?.names ?? {}, isCalibrated)
    this.looking.drawWords()
    const words = problemOf(session) || announced(answer, isCalibrated)
    const heard = this.#announcer.next(words, session.picture?.isLive ?? false, performance.now())
    if (heard) this.#say("announced", heard)
  }

  /**
   * Of which models it isn't known, in a few words; why stands behind them.
   * @param {string} which
   * @param {string} why
   */
  #drawUncalibrated(which, why) {
    this.#say("uncalibrated", which)
    this.#say("why", why)
    find(this.root, "details").hidden = !which
  }

  /** What there is to say besides what the models say. */
  #drawState() {
    const { answer, isAsking, picture } = this.session
    const problem = problemOf(this.session)
    const called = picture?.isLive ? "The camera's picture" : picture?.name ?? ""
    this.#say("name", called)
    this.#say("status", this.session.problem ? "" : statusWords(this.session))
    this.#say("problem", problem)
    find(this.root, "[data-show=problem]").hidden = !problem
    find(this.root, "[data-show=empty]").hidden = Boolean(answer || problem || isAsking)
  }

  #drawPicture() {
    const { content, picture } = this.session
    const image = /** @type {HTMLImageElement} */ (find(this.root, "img"))
    if (content === this.#drawn) return
    this.#drawn = content
    if (!content || picture?.isLive) {
      image.hidden = true
      return
    }
    URL.revokeObjectURL(this.#url)
    this.#url = image.src = URL.createObjectURL(content)
    image.alt = picture?.name ?? ""
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #say(name, text) {
    const place = find(this.root, `[data-show=${name}]`)
    if (place.textContent !== text) place.textContent = text
  }
}

/**
 * What went wrong, of the picture that is asked about or of the one that was to be added.
 * @param {Session} session
 */
function problemOf({ problem, keepingProblem }) {
  return problem || keepingProblem
}

/**
 * A card for each model; those that are there are only filled anew, so that nothing flickers.
 * @param {HTMLElement} place
 * @param {PredictAnswer | null} answer
 * @param {Record<string, string>} names of runs
 * @param {boolean} isCalibrated
 */
function drawModels(place, answer, names, isCalibrated) {
  const { predictions = [], problems = {} } = answer ?? {}
  const runs = [...predictions.map(({ run }) => run), ...Object.keys(problems)]
  const shown = Array.from(place.children, (element) => element.getAttribute("data-run"))
  if (runs.join() !== shown.join()) place.replaceChildren(...runs.map(card))
  for (const [index, run] of runs.entries()) {
    const element = /** @type {HTMLElement} */ (place.children[index])
    if (index < predictions.length) fill(element, predictions[index], isCalibrated)
    else refuse(element, names[run] ?? run, problems[run])
  }
}

/** @param {string} run */
function card(run) {
  const element = make("section", "cnnlab-model", make("h2"),
    make("div", "cnnlab-best", make("b"), make("span")),
    make("p", "cnnlab-familiar", make("b"), make("span")), make("ol"), lookPlace())
  element.dataset.run = run
  find(element, "ol").append(...Array.from({ length: ROWS }, () => make("li", "",
    make("span", "cnnlab-class"), make("span", "cnnlab-track", make("span")), make("span", "cnnlab-share"))))
  return element
}

/**
 * @param {HTMLElement} element
 * @param {Prediction} prediction
 * @param {boolean} isCalibrated
 */
function fill(element, prediction, isCalibrated) {
  const { top, familiarity } = prediction
  find(element, "h2").textContent = prediction.run_name
  const best = find(element, ".cnnlab-best b")
  best.textContent = best.title = prediction.class
  find(element, ".cnnlab-best span").textContent = probability(shareOf(top[0], isCalibrated))
  const familiar = find(element, ".cnnlab-familiar")
  const [verdict, alarms] = familiarityWords(familiarity)
  find(familiar, "b").textContent = verdict
  find(familiar, "span").textContent = alarms
  familiar.hidden = familiarity === null
  familiar.dataset.unlike = String(familiarity?.is_unlike ?? false)
  drawLook(find(element, ".cnnlab-look"), prediction)
  for (const [index, row] of Array.from(find(element, "ol").children).entries()) {
    const line = /** @type {HTMLElement} */ (row)
    const guess = top[index]
    line.hidden = !guess
    if (!guess) continue
    const share = shareOf(guess, isCalibrated)
    const [name, track, words] = /** @type {HTMLElement[]} */ (Array.from(line.children))
    name.textContent = name.title = guess.class
    find(track, "span").style.width = `${100 * share}%`
    words.textContent = probability(share)
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {string} problem
 */
function refuse(element, name, problem) {
  find(element, "h2").textContent = name
  find(element, ".cnnlab-best b").textContent = "No answer"
  find(element, ".cnnlab-best span").textContent = ""
  const why = find(element, ".cnnlab-familiar")
  why.hidden = false
  find(why, "b").textContent = ""
  find(why, "span").textContent = problem
  find(element, ".cnnlab-look").hidden = true
  for (const row of find(element, "ol").children) /** @type {HTMLElement} */ (row).hidden = true
}
