// Playing the recorded curves: play and pause, speed, scrubbing, arms on and off.

const SPEEDS = [0.5, 1, 2, 4]
const SECONDS_PER_EPOCH = 0.45, LEAST_SECONDS = 6, MOST_SECONDS = 20
const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches

class Replay {
  constructor(section, story) {
    this.section = section
    this.curves = story.curves
    this.chart = new CurveChart(section.querySelector(".cnnlab-p-chart"), story)
    this.slider = section.querySelector("input")
    this.speed = 1
    // Without motion there is nothing to wait for: the whole curves are shown at once.
    this.at = isStill() ? this.curves.last : this.curves.first
    const epochs = this.curves.in_share ? this.curves.epochs : this.curves.last - this.curves.first
    this.seconds = Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, SECONDS_PER_EPOCH * epochs))
    this.fill(story)
    this.show()
  }

  remove() {
    this.pause()
    this.chart.remove()
  }

  fill(story) {
    const { section, curves, slider } = this
    section.querySelector("h1").textContent = curves.title
    section.querySelector(".cnnlab-p-note").textContent = curves.note
    Object.assign(slider, { min: curves.first, max: curves.last, step: "any" })
    slider.oninput = () => this.seek(Number(slider.value))
    slider.onkeydown = (event) => {
      const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]
      if (!way) return
      event.preventDefault()
      this.seek(this.at + way * this.epoch())
    }
    const speeds = section.querySelector(".cnnlab-p-speeds")
    speeds.replaceChildren(...SPEEDS.map((speed) => {
      const button = pressable(`${speed}×`, () => this.setSpeed(speed))
      button.dataset.speed = speed
      return button
    }))
    const chips = section.querySelector(".cnnlab-p-chips")
    const drawn = new Set(curves.arms.map((series) => series.arm))
    chips.replaceChildren(...story.arms.filter((arm) => drawn.has(arm.name)).map((arm) => {
      const chip = pressable(arm.label, () => this.toggle(arm.name, chip))
      dress(chip, arm)
      chip.setAttribute("aria-pressed", "true")
      return chip
    }))
    for (const button of section.querySelectorAll("[data-do=play]"))
      button.disabled = !curves.arms.length
    this.setSpeed(1)
  }

  // An epoch's length on the x axis.
  epoch() {
    return this.curves.in_share ? 100 / this.curves.epochs : 1
  }

  setSpeed(speed) {
    this.speed = speed
    for (const button of this.section.querySelectorAll("[data-speed]"))
      button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === speed))
  }

  toggle(arm, chip) {
    const { hidden } = this.chart
    if (!hidden.delete(arm)) hidden.add(arm)
    chip.setAttribute("aria-pressed", String(!hidden.has(arm)))
    this.chart.draw(this.chart.at)
  }

  seek(at) {
    this.pause()
    this.begun = true
    this.at = Math.min(this.curves.last, Math.max(this.curves.first, at))
    this.show()
  }

  playOrPause() {
    if (!this.curves.arms.length) return
    if (this.timer) this.pause()
    else this.play()
    this.show()
  }

  play() {
    if (this.at >= this.curves.last) this.at = this.curves.first
    this.begun = true
    let before = performance.now()
    const frame = (now) => {
      const share = (Math.max(0, now - before) / 1000 / this.seconds) * this.speed
      before = now
      this.at = Math.min(this.curves.last, this.at + share * (this.curves.last - this.curves.first))
      this.timer = this.at < this.curves.last ? requestAnimationFrame(frame) : undefined
      this.show()
    }
    this.timer = requestAnimationFrame(frame)
  }

  pause() {
    cancelAnimationFrame(this.timer)
    this.timer = undefined
  }

  show() {
    const { curves, section } = this, length = this.epoch()
    const whole = Math.floor(this.at / length + 1e-9) * length
    // Where motion is unwelcome, curves grow by whole epochs instead of gliding.
    this.chart.draw(isStill() ? Math.max(curves.first, whole) : this.at)
    this.slider.value = this.at
    const share = (this.at - curves.first) / Math.max(1e-9, curves.last - curves.first)
    this.slider.style.setProperty("--share", `${100 * share}%`)
    const shown = curves.in_share ? Math.round(this.at) : Math.round(whole)
    const words = curves.arms.length ? curves.counter.replace("{at}", shown) : ""
    section.querySelector("output").textContent = words
    this.slider.setAttribute("aria-valuetext", words)
    const ended = this.at >= curves.last
    const label = this.timer ? "❚❚ Pause" : ended ? "↻ Again" : "▶ Play"
    section.querySelector(".cnnlab-p-play").textContent = label
    const waits = !this.begun && !ended && curves.arms.length > 0
    section.querySelector(".cnnlab-p-start").hidden = !waits
    this.chart.place.dataset.waiting = waits // all curves begin in one place
  }
}
