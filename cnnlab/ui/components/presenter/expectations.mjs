// What the room expects, by arm; it outlives a reload and ends with the tab.

/** The tab's store; none where the browser lets a page keep nothing, as one that a link shows. */
function store() {
  try {
    return sessionStorage
  } catch {
    return undefined
  }
}

/** The answers of a room to one study. */
export class Expectations {
  #key
  /** @type {Record<string, string>} */
  #values

  /** @param {string} study its id */
  constructor(study) {
    this.#key = `cnnlab-expected-${study}`
    this.#values = JSON.parse(store()?.getItem(this.#key) ?? "{}")
  }

  /**
   * What is expected of an arm; of the empty one: which arm is best.
   * @param {string} arm
   * @returns {string | undefined}
   */
  of(arm) {
    return this.#values[arm]
  }

  /**
   * Expect it; the same once more takes it back.
   * @param {string} arm
   * @param {string} value
   */
  set(arm, value) {
    if (this.#values[arm] === value) delete this.#values[arm]
    else this.#values[arm] = value
    store()?.setItem(this.#key, JSON.stringify(this.#values))
  }
}
