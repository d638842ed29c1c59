// Playing the recorded curves: play and pause, speed, scrubbing, arms on and off.

import { find, pressable } from "../shared/dom.mjs"
import { CurveChart } from "./curves.mjs"
import { dress } from "./slides.mjs"

/** @typedef {import("../shared/records.d.ts").Story} Story */

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

/** The curves of a study that grow as they did while it trained. */
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
    this.chart = new CurveChart(find(section, ".cnnlab-p-chart"), story)
    this.slider = /** @type {HTMLInputElement} */ (find(section, "input"))
    // Without motion there is nothing to wait for: the whole curves are shown at once.
    this.at = isStill() ? this.curves.last : this.curves.first
    const epochs = this.curves.in_share ? this.curves.epochs : this.curves.last - this.curves.first
    this.seconds = secondsFor(epochs)
    this.fill(story)
    this.show()
  }

  remove() {
    this.pause()
    this.chart.remove()
  }

  /** @param {Story} story */
  fill(story) {
    const { section, curves, slider } = this
    find(section, "h1").textContent = curves.title
    find(section, ".cnnlab-p-note").textContent = curves.note
    Object.assign(slider, { min: String(curves.first), max: String(curves.last), step: "any" })
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
    const drawn = new Set(curves.arms.map((series) => series.arm))
    const arms = story.arms.filter((arm) => drawn.has(arm.name))
    find(section, ".cnnlab-p-chips").replaceChildren(...arms.map((arm) => {
      const chip = dress(pressable(arm.label, () => this.toggle(arm.name, chip)), arm)
      chip.setAttribute("aria-pressed", "true")
      return chip
    }))
    for (const button of this.#buttons("[data-do=play]")) button.disabled = !curves.arms.length
    this.setSpeed(1)
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
    this.chart.draw(this.chart.at ?? this.at)
  }

  /** @param {number} at */
  seek(at) {
    this.pause()
    this.isBegun = true
    this.at = Math.min(this.curves.last, Math.max(this.curves.first, at))
    this.show()
  }

  playOrPause() {
    if (!this.curves.arms.length) return
    if (this.#frame) this.pause()
    else this.play()
    this.show()
  }

  play() {
    if (this.at >= this.curves.last) this.at = this.curves.first
    this.isBegun = true
    let before = performance.now()
    const frame = (/** @type {number} */ now) => {
      const share = (Math.max(0, now - before) / 1000 / this.seconds) * this.speed
      before = now
      this.at = Math.min(this.curves.last, this.at + share * (this.curves.last - this.curves.first))
      this.#frame = this.at < this.curves.last ? requestAnimationFrame(frame) : undefined
      this.show()
    }
    this.#frame = requestAnimationFrame(frame)
  }

  pause() {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
  }

  show() {
    const { curves, section } = this, length = this.epoch()
    const whole = Math.floor(this.at / length + 1e-9) * length
    // Where motion is unwelcome, curves grow by whole epochs instead of gliding.
    this.chart.draw(isStill() ? Math.max(curves.first, whole) : this.at)
    this.slider.value = String(this.at)
    const share = (this.at - curves.first) / Math.max(1e-9, curves.last - curves.first)
    this.slider.style.setProperty("--share", `${100 * share}%`)
    const shown = curves.in_share ? Math.round(this.at) : Math.round(whole)
    const words = curves.arms.length ? curves.counter.replace("{at}", String(shown)) : ""
    find(section, "output").textContent = words
    this.slider.setAttribute("aria-valuetext", words)
    const ended = this.at >= curves.last
    const label = this.#frame ? "❚❚ Pause" : ended ? "↻ Again" : "▶ Play"
    find(section, ".cnnlab-p-play").textContent = label
    const waits = !this.isBegun && !ended && curves.arms.length > 0
    find(section, ".cnnlab-p-start").hidden = !waits
    this.chart.place.dataset.waiting = String(waits) // all curves begin in one place
  }
}
