// The story as it grows: the server is asked for what is new, often while runs train, else seldom,
// and not at all while nobody sees the page.

/**
 * @typedef {import("../shared/records.d.ts").StoryNews} News
 * @typedef {"fine" | "lost" | "gone"} State of the connection; gone is the study
 */

const EVERY_MS = 1500
const SELDOM_MS = 15_000
const RETRY_MOST_MS = 15_000
const FAILURES_TOLD = 2 // one alone is nothing to worry a room with

/** What asks for news of one study. */
export class Feed {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #failures = 0
  #isStopped = false
  #onShown = () => { if (!document.hidden) this.ask() }
  isQuiet = false // whether nothing is expected to happen

  /**
   * @param {string} address empty where nothing follows
   * @param {string} token of the page; empty where none is wanted
   * @param {string} version of what is known
   * @param {(news: News) => void} onNews
   * @param {(state: State) => void} onState
   */
  constructor(address, token, version, onNews, onState) {
    this.address = address
    this.token = token
    this.version = version
    this.onNews = onNews
    this.onState = onState
  }

  start() {
    if (!this.address) return
    document.addEventListener("visibilitychange", this.#onShown)
    this.#wait()
  }

  stop() {
    this.#isStopped = true
    clearTimeout(this.#timer)
    document.removeEventListener("visibilitychange", this.#onShown)
  }

  #wait() {
    clearTimeout(this.#timer)
    if (this.#isStopped) return
    const pause = this.isQuiet ? SELDOM_MS : EVERY_MS
    this.#timer = setTimeout(() => this.ask(),
      Math.min(Math.max(pause, RETRY_MOST_MS), pause * 2 ** this.#failures))
  }

  async ask() {
    if (document.hidden || this.#isStopped) return
    clearTimeout(this.#timer)
    const address = `${this.address}${this.address.includes("?") ? "&" : "?"}since=${this.version}`
    try {
      const headers = this.token ? { "X-Cnnlab-Token": this.token } : undefined
      const answer = await fetch(address, { headers })
      if (answer.status === 404) {
        this.stop()
        this.onState("gone")
        return
      }
      if (!answer.ok) throw new Error(`${answer.status}`)
      this.#take(await answer.json())
    } catch {
      this.#failures += 1
      if (this.#failures >= FAILURES_TOLD && !this.#isStopped) this.onState("lost")
    }
    this.#wait()
  }

  /** @param {News} news */
  #take(news) {
    this.#failures = 0
    if (this.#isStopped) return
    this.onState("fine")
    if (news.version === this.version) return
    this.version = news.version
    this.onNews(news)
  }
}
