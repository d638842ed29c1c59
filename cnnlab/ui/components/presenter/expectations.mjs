// What the room expects, by arm; it outlives a reload and ends with the tab.

/** The answers of a room to one study. */
export class Expectations {
  #key
  /** @type {Record<string, string>} */
  #values

  /** @param {string} study its id */
  constructor(study) {
    this.#key = `cnnlab-expected-${study}`
    this.#values = JSON.parse(sessionStorage.getItem(this.#key) ?? "{}")
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
    sessionStorage.setItem(this.#key, JSON.stringify(this.#values))
  }
}
