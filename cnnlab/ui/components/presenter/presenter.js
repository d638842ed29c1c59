// Presenter mode. Streamlit calls this again whenever the data or the theme changes, and the
// function that it returns when the presenter leaves the page.

const SWIPE_PX = 60

class Presenter {
  constructor(root) {
    this.root = root
    this.sections = [...root.querySelectorAll("section")]
    const asked = Number(new URLSearchParams(location.search).get("slide")) || 1
    this.slide = Math.min(this.sections.length, Math.max(1, Math.trunc(asked))) - 1
    this.dots = this.sections.map((section, index) => {
      const dot = pressable("", () => this.go(index))
      dot.setAttribute("aria-label", `${index + 1}: ${section.getAttribute("aria-label")}`)
      dot.title = section.getAttribute("aria-label")
      return dot
    })
    root.querySelector("nav").replaceChildren(...this.dots)
    root.querySelector("[data-do=full]").hidden = !document.fullscreenEnabled
    this.listen()
    root.focus({ preventScroll: true })
  }

  section(name) {
    return this.root.querySelector(`[data-slide=${name}]`)
  }

  // A study that still trains may bring other numbers; what the room has answered stays.
  tell(story, token) {
    const told = JSON.stringify(story)
    if (told === this.told) return
    this.told = told
    const expected = new Expectations(story.study)
    this.root.querySelector(".cnnlab-p-name").textContent = story.question.title
    drawQuestion(this.section("question"), story)
    drawData(this.section("data"), story, token)
    drawExpect(this.section("expect"), story, expected,
      () => drawVerdict(this.section("verdict"), story, expected))
    drawVerdict(this.section("verdict"), story, expected)
    drawLimits(this.section("limits"), story)
    this.replay?.remove()
    this.replay = new Replay(this.section("curves"), story)
    this.show()
  }

  go(slide) {
    if (slide < 0 || slide >= this.sections.length || slide === this.slide) return
    this.slide = slide
    this.replay.pause()
    this.replay.show()
    this.show()
    // The address follows without a rerun, so that a reload or a sent link opens the same slide.
    const address = new URL(location.href)
    address.searchParams.set("slide", slide + 1)
    history.replaceState(history.state, "", address)
  }

  show() {
    this.sections.forEach((section, index) => { section.hidden = index !== this.slide })
    this.dots.forEach((dot, index) => {
      if (index === this.slide) dot.setAttribute("aria-current", "step")
      else dot.removeAttribute("aria-current")
    })
    const name = this.root.querySelector(".cnnlab-p-name")
    name.style.visibility = this.slide ? "" : "hidden" // the first slide says it large
    this.root.querySelector("[data-do=back]").disabled = this.slide === 0
    this.root.querySelector("[data-do=next]").disabled = this.slide === this.sections.length - 1
  }

  leave() {
    if (document.fullscreenElement) document.exitFullscreen()
    this.onLeave()
  }

  toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen()
    else document.documentElement.requestFullscreen()
  }

  act(name) {
    const acts = {
      next: () => this.go(this.slide + 1), back: () => this.go(this.slide - 1),
      full: () => this.toggleFull(), leave: () => this.leave(),
      play: () => this.replay.playOrPause(),
    }
    acts[name]()
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { target } = event
    const name = {
      ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back", Escape: "leave",
      f: "full", " ": this.sections[this.slide].dataset.slide === "curves" && "play",
    }[event.key]
    // A focused slider has its own arrows, and Space presses a focused button.
    if (!name || event.defaultPrevented || (event.key === " " && target.closest?.("button"))) return
    event.preventDefault()
    this.act(name)
  }

  listen() {
    const { root } = this
    this.keys = (event) => this.onKey(event)
    this.fits = () => this.section("data").cnnlabFit?.()
    document.addEventListener("keydown", this.keys)
    addEventListener("resize", this.fits)
    root.onclick = (event) => {
      const button = event.target.closest("button")
      if (button?.dataset.do) this.act(button.dataset.do)
      // After a click Space and the arrows belong to the slides again, not to the button.
      if (button && event.detail) root.focus({ preventScroll: true })
    }
    root.onpointerup = (event) => event.target.closest("input")?.blur()
    let from
    root.ontouchstart = ({ touches, target }) => {
      from = touches.length === 1 && !target.closest("input") ? touches[0] : undefined
    }
    root.ontouchend = ({ changedTouches: [to] }) => {
      if (!from) return
      const x = to.clientX - from.clientX, y = to.clientY - from.clientY
      if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) this.act(x < 0 ? "next" : "back")
    }
  }

  remove() {
    document.removeEventListener("keydown", this.keys)
    removeEventListener("resize", this.fits)
    this.replay?.remove()
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cnnlab-presenter")
  const presenter = (root.cnnlabPresenter ??= new Presenter(root))
  presenter.onLeave = () => setTriggerValue("leave", true)
  presenter.tell(data.story, data.token)
  return () => {
    presenter.remove()
    delete root.cnnlabPresenter
  }
}
