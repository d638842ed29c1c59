// What is tried at the moment, shared by the parts of a page: the picture, and what the models say
// of it. There is one question at a time: a newer picture takes the place of an older one.

/**
 * @typedef {import("../shared/records.d.ts").PredictAnswer} PredictAnswer
 * @typedef {{ name: string, isLive: boolean, take: () => Promise<Blob | null> }} Picture `take`
 *   gives its bytes: of a camera those of the moment, nothing where it was turned off
 * @typedef {{ method: string, className: string }} Where how to show where models look: for a class, or
 *   for the one that each says
 * @typedef {{ content: Blob, name: string, waited: number }} Asked a picture, and how long its answer
 *   was waited for, ms
 * @typedef {(picture: Picture, content: Blob, signal: AbortSignal) => Promise<PredictAnswer>} Ask
 */

const AGAIN_MS = 250
const MOST_TIMES = 1200 // five minutes or more: no model takes longer to be loaded
const MORE_MS = [1000, 2000, 4000, 8000, 16_000] // until it is known whether a picture is familiar

export class Session {
  /** @type {Picture | null} */
  picture = null
  /** @type {Blob | null} what was asked of last */
  content = null
  /** @type {PredictAnswer | null} the last answer that says something */
  answer = null
  /** @type {{ content: Blob, name: string } | null} the picture that the answer is about */
  answered = null
  /** Why there is no answer to this picture. */
  problem = ""
  /** What is being done before there can be one. */
  phase = ""
  isAsking = false
  /** @type {Where | null} */
  where = null
  /** Whether the answered picture is on its way to where it is kept. */
  isKeeping = false
  /** Why it can't be kept. A camera's next answer doesn't take that away. */
  keepingProblem = ""
  /** Answers so far. */
  answers = 0
  /** From the last question to the answer that is shown, as a user waits for it; ms. */
  waited = 0

  #models = ""
  /** @type {Ask | null} */
  #ask = null
  /** @type {AbortController | null} */
  #question = null
  /** @type {Map<string, () => void>} */
  #listeners = new Map()

  /** @param {(milliseconds: number) => Promise<unknown>} [wait] */
  constructor(wait = pause) {
    this.wait = wait
  }

  /**
   * Ask these models from now on, at once if a picture is there.
   * @param {string} models another text means other models
   * @param {Ask | null} ask nothing where no model is chosen
   */
  use(models, ask) {
    this.#ask = ask
    if (models === this.#models) return
    this.#models = models
    this.answer = this.answered = null
    if (ask && this.picture) this.show(this.picture)
    else this.stop()
  }

  /**
   * Have said where the models look in each picture from now on, at once in the one that is there.
   * @param {Where | null} where
   */
  look(where) {
    this.where = where
    const { picture } = this
    if (picture && !picture.isLive && this.content) this.show(picture)
  }

  /**
   * Ask what a picture shows, until there is an answer or a newer question.
   * @param {Picture} picture
   */
  async show(picture) {
    this.#giveUp()
    if (this.picture !== picture) { // a camera's problem stands until the next answer
      this.content = null
      this.problem = this.keepingProblem = ""
    }
    this.picture = picture
    const ask = this.#ask
    if (!ask) return this.#tell()
    const question = this.#question = new AbortController()
    this.isAsking = true
    this.#tell()
    try {
      await this.#insist(picture, ask, question.signal)
    } catch (error) {
      if (question.signal.aborted) return
      this.problem = wordsOf(error)
    }
    if (question.signal.aborted) return
    this.isAsking = false
    this.phase = ""
    this.#tell()
    if (!picture.isLive) this.#complete(picture, ask, question.signal)
  }

  /**
   * Find out what the first picture's answer couldn't know yet; quietly, as nothing is missing.
   * @param {Picture} picture
   * @param {Ask} ask
   * @param {AbortSignal} signal
   */
  async #complete(picture, ask, signal) {
    for (const milliseconds of MORE_MS) {
      const told = this.answer
      if (!told || told.predictions.every(isComplete)) return
      await this.wait(milliseconds)
      const content = signal.aborted ? null : await picture.take()
      const answer = content && await ask(picture, content, signal).catch(() => null)
      if (signal.aborted || !answer?.predictions.length) return
      this.answer = { ...answer, milliseconds: told.milliseconds } // of the one that was waited for
      this.#tell()
    }
  }

  /**
   * @param {Picture} picture
   * @param {Ask} ask
   * @param {AbortSignal} signal
   */
  async #insist(picture, ask, signal) {
    for (let times = 0; !signal.aborted; times += 1) {
      if (times >= MOST_TIMES) {
        throw new Error(`There was no answer for minutes (the last word: ${this.phase}). Try again, ` +
          "or restart the program.")
      }
      const since = performance.now()
      const content = await picture.take()
      if (!content || signal.aborted) return
      this.content = content
      const answer = await ask(picture, content, signal)
      if (signal.aborted) return
      const asked = { content, name: picture.name, waited: performance.now() - since }
      if (answer.phase === undefined) {
        this.#take(answer, asked)
        return
      }
      this.phase = answer.phase
      if (answer.predictions.length) this.#say(answer, asked) // who can answer does
      this.#tell()
      await this.wait(AGAIN_MS)
    }
  }

  /**
   * @param {PredictAnswer} answer
   * @param {Asked} asked
   */
  #take(answer, asked) {
    this.problem = answer.problem ?? ""
    this.answers += 1
    if (answer.predictions.length) this.#say(answer, asked)
    else this.answer = this.answered = null
  }

  /**
   * Show an answer, with the picture and the time that are its own.
   * @param {PredictAnswer} answer
   * @param {Asked} asked
   */
  #say(answer, { content, name, waited }) {
    this.answer = answer
    this.answered = { content, name }
    this.waited = waited
  }

  /**
   * Have the picture kept that the answer is about, one at a time; what goes wrong is said.
   * @param {(content: Blob, name: string) => Promise<unknown>} send
   */
  async keep(send) {
    const { answered } = this
    if (!answered || this.isKeeping) return
    this.isKeeping = true
    this.keepingProblem = ""
    this.#tell()
    try {
      await send(answered.content, answered.name)
    } catch (error) {
      this.keepingProblem = `${answered.name} can't be added: ${wordsOf(error)}`
    }
    this.isKeeping = false
    this.#tell()
  }

  /** Give up the question of the moment; what was said last stays. */
  stop() {
    this.#giveUp()
    this.#tell()
  }

  #giveUp() {
    this.#question?.abort()
    this.#question = null
    this.isAsking = false
    this.phase = ""
  }

  /**
   * Say why nothing is asked about a picture.
   * @param {string} name
   * @param {string} problem
   */
  refuse(name, problem) {
    this.#giveUp()
    this.picture = { name, isLive: false, take: async () => null }
    this.content = this.answer = this.answered = null
    this.problem = problem
    this.keepingProblem = ""
    this.#tell()
  }

  /**
   * @param {string} part of the page; it is told of every change, and once now
   * @param {() => void} onChange
   */
  listen(part, onChange) {
    this.#listeners.set(part, onChange)
    onChange()
  }

  /**
   * @param {string} part that leaves the page
   * @returns {boolean} whether none is left
   */
  leave(part) {
    this.#listeners.delete(part)
    return this.#listeners.size === 0
  }

  #tell() {
    for (const onChange of this.#listeners.values()) onChange()
  }
}

/**
 * Whether nothing is being found out any more that an answer could tell.
 * @param {import("../shared/records.d.ts").Prediction} prediction
 */
function isComplete({ familiarity, explanation }) {
  return familiarity && (!explanation || explanation.check || explanation.problem)
}

/** @param {unknown} error */
function wordsOf(error) {
  return error instanceof Error ? error.message : String(error)
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** @type {Map<string, Session>} */
const sessions = new Map()

/**
 * The session that all parts of a place share.
 * @param {string} place
 */
export function sessionOf(place) {
  const session = sessions.get(place) ?? new Session()
  sessions.set(place, session)
  return session
}

/**
 * A part has left the page: with the last one nothing is kept.
 * @param {string} place
 * @param {string} part
 */
export function leave(place, part) {
  const session = sessions.get(place)
  if (!session?.leave(part)) return
  session.stop()
  sessions.delete(place)
}
