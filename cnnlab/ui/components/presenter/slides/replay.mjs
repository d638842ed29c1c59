// The slide with the curves: followed while they grow; played, scrubbed, arms on and off.

import { find, pressable } from "../../shared/dom.mjs"
import { CurveChart } from "./curves.mjs"
import { dress } from "./plain.mjs"

/** @typedef {import("../../shared/records.d.ts").Story} Story */

const SPEEDS = [0.5, 1, 2, 4]
const SECONDS_PER_EPOCH = 0.45, LEAST_SECONDS = 6, MOST_SECONDS = 20
/** @type {Record<string, number>} */
const WAYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }
const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches

/**
 * How long the whole curves take at speed 1, in seconds.
 * @param {number} epochs
 */
export function secondsFor(epochs) {
  return Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, SECONDS_PER_EPOCH * epochs))
}

/** The curves of a study that grow as they do, or did, while it trains. */
export class Replay {
  speed = 1
  isBegun = false
  /** @type {number | undefined} the next picture, while it plays */
  #frame

  /**
   * @param {HTMLElement} section
   * @param {Story} story
   */
  constructor(section, story) {
    this.section = section
    this.curves = story.curves
    this.isLive = !story.progress.is_ended
    // Whoever comes while it trains sees what there is, and more as it comes.
    this.isFollowing = this.isLive
    this.chart = new CurveChart(find(section, ".cnnlab-p-chart"), story.curves, story.arms)
    this.slider = /** @type {HTMLInputElement} */ (find(section, "input"))
    // Without motion there is nothing to wait for: the whole curves are shown at once.
    this.at = isStill() || this.isFollowing ? this.curves.reached : this.curves.first
    this.#listen()
    this.#fill(story)
    this.show()
  }

  /**
   * Go on with curves that have grown; a replay that somebody watches goes on where it is.
   * @param {Story} story
   */
  update(story) {
    this.curves = story.curves
    this.isLive = !story.progress.is_ended
    this.chart.update(story.curves, story.arms)
    this.#fill(story)
    this.show()
  }

  remove() {
    this.pause()
    this.chart.remove()
  }

  #listen() {
    const { section, slider } = this
    slider.oninput = () => this.seek(Number(slider.value))
    slider.onkeydown = (event) => {
      const way = WAYS[event.key]
      if (!way) return
      event.preventDefault()
      this.seek(this.at + way * this.epoch())
    }
    find(section, ".cnnlab-p-speeds").replaceChildren(...SPEEDS.map((speed) => {
      const button = pressable(`${speed}×`, () => this.setSpeed(speed))
      button.dataset.speed = String(speed)
      return button
    }))
    this.setSpeed(1)
  }

  /** @param {Story} story */
  #fill(story) {
    const { section, curves, slider } = this
    find(section, "h1").textContent = curves.title
    find(section, ".cnnlab-p-note").textContent = curves.note
    const isEmpty = !curves.arms.length
    Object.assign(slider, { min: String(curves.first), step: "any", disabled: isEmpty,
      max: String(Math.max(curves.first, curves.reached)) })
    const epochs = curves.in_share ? curves.epochs : curves.reached - curves.first
    this.seconds = secondsFor(epochs)
    if (this.isFollowing) this.at = curves.reached
    this.at = Math.min(Math.max(this.at, curves.first), Math.max(curves.first, curves.reached))
    const drawn = new Set([...curves.arms, ...curves.growing].map(({ arm }) => arm))
    const arms = story.arms.filter((arm) => drawn.has(arm.name))
    find(section, ".cnnlab-p-chips").replaceChildren(...arms.map((arm) => {
      const chip = dress(pressable(arm.label, () => this.toggle(arm.name, chip)), arm)
      chip.setAttribute("aria-pressed", String(!this.chart.hidden.has(arm.name)))
      return chip
    }))
    for (const button of this.#buttons("[data-do=play]")) button.disabled = isEmpty
  }

  /**
   * @param {string} selector
   * @returns {NodeListOf<HTMLButtonElement>}
   */
  #buttons(selector) {
    return this.section.querySelectorAll(selector)
  }

  /** An epoch's length on the x axis. */
  epoch() {
    return this.curves.in_share ? 100 / this.curves.epochs : 1
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.speed = speed
    for (const button of this.#buttons("[data-speed]"))
      button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === speed))
  }

  /**
   * @param {string} arm
   * @param {HTMLElement} chip
   */
  toggle(arm, chip) {
    const { hidden } = this.chart
    if (!hidden.delete(arm)) hidden.add(arm)
    chip.setAttribute("aria-pressed", String(!hidden.has(arm)))
    this.#draw()
  }

  /** @param {number} at */
  seek(at) {
    this.pause()
    this.isBegun = true
    this.isFollowing = false
    this.at = Math.min(this.curves.reached, Math.max(this.curves.first, at))
    this.show()
  }

  /** Be at the newest epoch, now and as more come. */
  follow() {
    this.pause()
    this.isFollowing = true
    this.at = this.curves.reached
    this.show()
  }

  playOrPause() {
    if (!this.curves.arms.length) return
    if (this.#frame) this.pause()
    else this.play()
    this.show()
  }

  play() {
    if (this.at >= this.curves.reached) this.at = this.curves.first
    this.isBegun = true
    this.isFollowing = false
    let before = performance.now()
    const frame = (/** @type {number} */ now) => {
      const { first, reached } = this.curves
      const share = (Math.max(0, now - before) / 1000 / (this.seconds ?? 1)) * this.speed
      before = now
      this.at = Math.min(reached, this.at + share * (reached - first))
      this.#frame = this.at < reached ? requestAnimationFrame(frame) : undefined
      this.show()
    }
    this.#frame = requestAnimationFrame(frame)
  }

  pause() {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
  }

  #whole() {
    return Math.floor(this.at / this.epoch() + 1e-9) * this.epoch()
  }

  #draw() {
    if (this.isFollowing) this.chart.follow(isStill())
    // Where motion is unwelcome, curves grow by whole epochs instead of gliding.
    else this.chart.draw(isStill() ? Math.max(this.curves.first, this.#whole()) : this.at)
  }

  show() {
    const { curves, section } = this
    this.#draw()
    this.slider.value = String(this.at)
    const share = (this.at - curves.first) / Math.max(1e-9, curves.reached - curves.first)
    this.slider.style.setProperty("--share", `${100 * Math.max(0, share)}%`)
    const shown = Math.round(curves.in_share ? this.at : this.#whole())
    const isLive = this.isLive && this.isFollowing
    const place = curves.arms.length ? curves.counter.replace("{at}", String(shown)) : ""
    const words = isLive ? "Live" : place
    find(section, "output").textContent = words
    this.slider.setAttribute("aria-valuetext", words)
    const ended = this.at >= curves.reached
    const label = this.#frame ? "❚❚ Pause" : isLive || !ended ? "▶ Play" : "↻ Again"
    find(section, ".cnnlab-p-play").textContent = label
    find(section, "[data-do=follow]").hidden = !this.isLive || this.isFollowing
    const waits = !this.isBegun && !ended && curves.arms.length > 0
    find(section, ".cnnlab-p-start").hidden = !waits
    this.chart.place.dataset.waiting = String(waits) // all curves begin in one place
  }
}
