// Elements for the tests of modules that run without a browser.

/** An element, as far as what says something in its place uses it. */
export class Element {
  /** @type {Element[]} */
  children = []
  dataset = {}
  isConnected = true
  textContent = ""
  className = ""
  /** @type {() => void} */
  click = () => {}
  /** @type {Element | undefined} */
  parent
  setAttribute() {}
  contains() {}

  /** @param {...(string | Element)} added */
  append(...added) {
    for (const part of added) {
      if (typeof part === "string") this.textContent += part
      else this.children.push(Object.assign(part, { parent: this }))
    }
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((other) => other !== this)
  }

  /** @param {string} selector */
  querySelector(selector) {
    return this.children.find(({ className }) => `.${className}` === selector) ?? null
  }

  /**
   * @param {string} _
   * @param {() => void} call
   */
  addEventListener(_, call) {
    this.click = call
  }

  /** What is said in this place: the texts of what lies in its children. */
  get said() {
    return this.children.flatMap(({ children }) => children.map(({ textContent }) => textContent))
  }

  /** The button of what is said. */
  get button() {
    return this.children[0].children[1]
  }
}

/** Let everything that is ready happen. */
export const settled = () => new Promise((resolve) => setImmediate(resolve))
