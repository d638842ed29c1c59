// Elements for the tests of modules that run without a browser.

/** An element, as far as what says something in its place uses it. */
export class Element {
  /** @type {Element[]} */
  children = []
  dataset = {}
  style = {}
  attributes = new Map()
  isConnected = true
  textContent = ""
  className = ""
  /** @type {() => void} */
  click = () => {}
  /** @type {Element | undefined} */
  parent
  contains() {}

  /**
   * @param {string} name
   * @param {string} value
   */
  setAttribute(name, value) {
    this.attributes.set(name, value)
  }

  /** @param {string} name */
  removeAttribute(name) {
    this.attributes.delete(name)
  }

  /** @param {string} name */
  getAttribute(name) {
    return this.attributes.get(name) ?? null
  }

  /** @param {...Element} children */
  replaceChildren(...children) {
    this.children = []
    this.append(...children)
  }

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
