// The page for people: pictures are chosen, dropped or pasted, and what the model says is drawn.

/** @typedef {{class: string, probability: number}} Guess */

const TOKEN = "cnnlab_token"
/**
 * @typedef {{name?: string, problem?: string, class?: string, probability?: number,
 *   unsure?: boolean | null, top?: Guess[]}} Answer
 */

/** The token that a link brings behind its #, which a browser sends nobody.
 * @param {string} hash
 * @returns {string}
 */
export function tokenIn(hash) {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token") ?? ""
}

/** What is said of a request that was answered; pictures that can't be used have no answer.
 * @param {number} done pictures so far, of all
 * @param {number} all
 * @param {number} bad of those so far
 * @param {number} last of the last request
 * @param {number} milliseconds that one took
 * @returns {string}
 */
export function summary(done, all, bad, last, milliseconds) {
  const refused = bad ? `; ${bad} can't be used` : ""
  const time = all === 1 ? `It took ${milliseconds} ms.` : `The last ${last} took ${milliseconds} ms.`
  const answered = `${done - bad} of ${all} answered${refused}.`
  return done === bad ? answered : `${answered} ${time}`
}

/** @param {number} probability @returns {string} */
export function percent(probability) {
  return `${(100 * probability).toFixed(1)}\u00a0%`
}

/** What a heading says of an answer.
 * @param {Answer} answer
 * @returns {string}
 */
export function heading(answer) {
  if (answer.problem) return answer.name || "Picture"
  return answer.unsure ? `Unsure, perhaps ${answer.class}` : `${answer.class}`
}

/** Pictures in groups that one request may have.
 * @template T
 * @param {T[]} files @param {number} most
 * @returns {T[][]}
 */
export function groups(files, most) {
  const found = []
  for (let start = 0; start < files.length; start += most) found.push(files.slice(start, start + most))
  return found
}

/** The token of this tab, so that a reload doesn't lose it; a browser may forbid that. */
const kept = {
  get() {
    try {
      return sessionStorage.getItem(TOKEN) ?? ""
    } catch {
      return ""
    }
  },
  /** @param {string} token */
  set(token) {
    try {
      sessionStorage.setItem(TOKEN, token)
    } catch { /* it is asked for again */ }
  },
}

class Page {
  constructor() {
    this.form = /** @type {HTMLFormElement} */ (document.getElementById("form"))
    this.files = /** @type {HTMLInputElement} */ (document.getElementById("files"))
    this.token = /** @type {HTMLInputElement} */ (document.getElementById("token"))
    this.send = /** @type {HTMLButtonElement} */ (document.getElementById("send"))
    this.most = 1
  }

  start() {
    const brought = tokenIn(location.hash)
    this.token.value = brought || kept.get()
    if (brought) history.replaceState(null, "", location.pathname)
    this.form.addEventListener("submit", (submitted) => {
      submitted.preventDefault()
      this.ask([...(this.files.files ?? [])])
    })
    this.files.addEventListener("change", () => this.ask([...(this.files.files ?? [])]))
    this.token.addEventListener("change", () => this.tellModel())
    document.addEventListener("paste", (pasted) => {
      const files = [...(pasted.clipboardData?.files ?? [])]
      if (files.length) this.ask(files)
    })
    this.listenToDrops()
    this.tellModel()
  }

  listenToDrops() {
    const area = byId("drop")
    document.addEventListener("dragover", (over) => {
      over.preventDefault()
      area.classList.add("over")
    })
    document.addEventListener("dragleave", () => area.classList.remove("over"))
    document.addEventListener("drop", (dropped) => {
      dropped.preventDefault()
      area.classList.remove("over")
      this.ask([...(dropped.dataTransfer?.files ?? [])])
    })
  }

  async tellModel() {
    const told = await this.fetched("model")
    if (!told) return
    kept.set(this.token.value.trim()) // it is the right one
    const run = told.run ? `Run ${told.run}: ` : ""
    this.most = told.limits.images
    byId("about").textContent =
      `${run}${told.class_names.length} classes. Pictures go to this server and are not kept.`
    say("")
  }

  /** @param {File[]} files */
  async ask(files) {
    if (!files.length) return say("Choose a picture first.", true)
    byId("answers").replaceChildren()
    this.send.disabled = true
    let done = 0, bad = 0
    for (const group of groups(files, this.most)) {
      say(`Asking: ${done} of ${files.length}`)
      const form = new FormData()
      for (const file of group) form.append("pictures", file, file.name)
      const told = await this.fetched("batch", { method: "POST", body: form })
      if (!told) break
      told.predictions.forEach((/** @type {Answer} */ answer, /** @type {number} */ at) =>
        byId("answers").append(drawn(answer, group[at])))
      done += group.length
      bad += told.predictions.filter((/** @type {Answer} */ answer) => answer.problem).length
      say(summary(done, files.length, bad, group.length, told.milliseconds), done === bad)
    }
    this.send.disabled = false
  }

  /** What an address answers; a problem is said, and nothing returned.
   * @param {string} address @param {RequestInit} [request]
   */
  async fetched(address, request = {}) {
    const token = this.token.value.trim()
    try {
      const headers = token ? { Authorization: `Bearer ${token}` } : undefined
      const answer = await fetch(address, { ...request, headers })
      const told = await answer.json()
      if (answer.status === 401) {
        byId("token_line").hidden = false
        this.token.focus()
      }
      if (answer.ok) return told
      say(answer.status === 401 && !token ? "The token is wanted first." : told.problem, true)
    } catch {
      say("The server doesn't answer: see that it still runs.", true)
    }
    return null
  }
}

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id))
}

/** @param {string} words @param {boolean} [isBad] */
function say(words, isBad = false) {
  const status = byId("status")
  status.textContent = words
  status.classList.toggle("bad", isBad)
}

/** @param {string} tag @param {string} [text] @param {string} [kind] */
function made(tag, text = "", kind = "") {
  const element = document.createElement(tag)
  element.textContent = text
  if (kind) element.className = kind
  return element
}

/** @param {Answer} answer @param {File} file */
function drawn(answer, file) {
  const card = made("article", "", "answer")
  const picture = document.createElement("img")
  picture.alt = answer.name ?? "The picture"
  picture.src = URL.createObjectURL(file)
  picture.onload = () => URL.revokeObjectURL(picture.src)
  picture.onerror = () => picture.remove()
  const words = document.createElement("div")
  words.append(made("h2", heading(answer)))
  if (answer.problem) words.append(made("p", answer.problem, "problem"))
  else words.append(made("p", answer.name ?? "", "small"), ...(answer.top ?? []).map(guessed))
  card.append(picture, words)
  return card
}

/** @param {Guess} guess */
function guessed(guess) {
  const row = made("div", "", "guess")
  const bar = document.createElement("meter")
  bar.value = guess.probability
  bar.setAttribute("aria-label", `${guess.class}: ${percent(guess.probability)}`)
  row.append(made("span", guess.class), made("span", percent(guess.probability), "share"), bar)
  return row
}

if (globalThis.document) new Page().start()
