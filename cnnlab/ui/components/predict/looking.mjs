// Where the models look in the picture: how that is asked for, and the maps laid over it.

import { find, make } from "../shared/dom.mjs"
import { called } from "../shared/numbers.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PredictData} Data
 * @typedef {import("../shared/records.d.ts").Prediction} Prediction
 * @typedef {import("./session.mjs").Session} Session
 */

const SAID = "" // the class that each model says
const USUAL_STRENGTH = 60

/** The choices above the answers: whether, how, for which class, how strongly. */
export class Looking {
  /** @type {Data | undefined} */
  #data

  /**
   * @param {HTMLElement} root
   * @param {Session} session
   */
  constructor(root, session) {
    this.root = root
    this.session = session
    this.wanted = /** @type {HTMLInputElement} */ (find(root, "[data-do=look]"))
    this.method = /** @type {HTMLSelectElement} */ (find(root, "[data-do=method]"))
    this.named = /** @type {HTMLSelectElement} */ (find(root, "[data-do=class]"))
    this.strength = /** @type {HTMLInputElement} */ (find(root, "[data-do=strength]"))
    for (const each of [this.wanted, this.method, this.named]) each.onchange = () => this.#ask()
    this.strength.oninput = () => this.#strengthen()
  }

  /** @param {Data} data */
  draw(data) {
    const isFirst = !this.#data
    this.#data = data
    if (isFirst) {
      const { where } = this.session
      this.wanted.checked = where !== null
      fillOptions(this.method, data.methods.map(({ name, title }) => [name, title]), where?.method)
      this.strength.value = String(USUAL_STRENGTH)
      find(this.root, ".cnnlab-scale i").style.background =
        `linear-gradient(to right, ${data.scale.join(", ")})`
      this.#strengthen()
    }
    fillOptions(this.named, [[SAID, "The one that it says"], ...data.classes.map(itself)],
      this.session.where?.className ?? this.named.value)
    this.wanted.disabled = false // it is on the page before anything listens to it
  }

  /** What a map of the chosen way shows, and what not. */
  drawWords() {
    const { where } = this.session
    find(this.root, ".cnnlab-look-choices").hidden = !where
    this.root.dataset.look = String(where !== null)
    const method = this.#data?.methods.find(({ name }) => name === where?.method)
    const place = find(this.root, "[data-show=look]")
    const words = method ? `${method.shows} ${method.hides}` : ""
    if (place.textContent !== words) place.textContent = words
  }

  #ask() {
    this.session.look(this.wanted.checked
      ? { method: this.method.value, className: this.named.value } : null)
    this.drawWords()
  }

  /** The maps are as strong as the slider says: nothing has to be computed for it. */
  #strengthen() {
    this.root.style.setProperty("--look", String(Number(this.strength.value) / 100))
  }
}

/** The place of a map within an answer; as high as it will be before there is one. */
export function lookPlace() {
  const place = make("div", "cnnlab-look",
    make("div", "cnnlab-look-pair",
      make("figure", "", make("span", "cnnlab-look-frame", make("img")),
        make("figcaption", "", "What it sees")),
      make("figure", "", make("span", "cnnlab-look-frame", make("img"), make("img", "cnnlab-heat")),
        make("figcaption", "", "Where it looks"))),
    make("p"))
  for (const image of place.querySelectorAll("img")) image.alt = ""
  return place
}

/**
 * Show where one model looks, or why that can't be said.
 * @param {HTMLElement} place
 * @param {Prediction} prediction
 */
export function drawLook(place, { explanation, seen = "", class: said }) {
  const [plain, below, heat] = place.querySelectorAll("img")
  const { overlay = "", problem = "", words = [], facts } = explanation ?? {}
  find(place, ".cnnlab-look-pair").hidden = Boolean(problem)
  show(plain, seen, sizeWords(plain))
  plain.onload = () => { plain.title = plain.alt = sizeWords(plain) }
  show(below, overlay && seen, "")
  show(heat, overlay, facts ? `Where the network looks for ${called(facts.class)}` : "")
  const told = facts ? [facts.class === said ? "" : `For ${called(facts.class)}.`, ...words] : [problem]
  find(place, "p").textContent = told.filter(Boolean).join(" ")
  place.dataset.problem = String(Boolean(problem))
  place.hidden = false
}

/**
 * The picture as it was prepared for a network, pixel by pixel; empty until it is there.
 * @param {HTMLImageElement} image
 */
function sizeWords({ naturalWidth: width, naturalHeight: height }) {
  return width ? `As this network sees it: ${width} × ${height} px` : ""
}

/**
 * @param {HTMLImageElement} image
 * @param {string} source empty for none
 * @param {string} alt
 */
function show(image, source, alt) {
  image.hidden = !source
  image.alt = alt
  if (source && image.getAttribute("src") !== source) image.src = source
}

/**
 * @param {HTMLSelectElement} select
 * @param {string[][]} options value and words of each
 * @param {string | undefined} chosen
 */
function fillOptions(select, options, chosen) {
  const drawn = JSON.stringify(options)
  if (select.dataset.drawn === drawn) return
  select.dataset.drawn = drawn
  select.replaceChildren(...options.map(([value, words]) => {
    const option = make("option", "", words)
    option.value = value
    return option
  }))
  if (chosen !== undefined && options.some(([value]) => value === chosen)) select.value = chosen
}

/** @param {string} name */
function itself(name) {
  return [name, name]
}
