// Elements of the page.

/**
 * The first element inside `root` that fits; our own markup has it.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(root, selector) {
  const element = root.querySelector(selector)
  if (!(element instanceof HTMLElement)) throw new Error(`There is no ${selector} in the markup.`)
  return element
}

/**
 * An element with a class, text and other elements in it.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} [className]
 * @param {...(string | Node)} content
 */
export function make(name, className = "", ...content) {
  const element = document.createElement(name)
  if (className) element.className = className
  element.append(...content)
  return element
}

/**
 * Write a text where another one stands.
 * @param {HTMLElement} place
 * @param {string} text
 */
export function tell(place, text) {
  if (place.textContent !== text) place.textContent = text
}

/**
 * A button.
 * @param {string} text
 * @param {() => void} onClick
 */
export function pressable(text, onClick) {
  const button = make("button", "", text)
  button.type = "button"
  button.addEventListener("click", onClick)
  return button
}

/**
 * The button that an event met, if any.
 * @param {Event} event
 */
export function pressed(event) {
  return event.target instanceof Element ? event.target.closest("button") : null
}

/**
 * Whether a click on a link opens another tab or window, which is the browser's to do.
 * @param {MouseEvent} event
 */
export function goesElsewhere(event) {
  return event.ctrlKey || event.metaKey || event.shiftKey
}

/** Whether a finger points, not a mouse: then words speak of tapping, and of no keys. */
export const isTouched = () => matchMedia("(pointer: coarse)").matches

/**
 * Take the keys out of the titles of buttons, "Redo (Ctrl+Y)", where a finger points.
 * @param {ParentNode} root
 */
export function withoutKeys(root) {
  if (!isTouched()) return
  for (const button of root.querySelectorAll("[title]")) {
    button.setAttribute("title", button.getAttribute("title")?.replace(/ \(.*\)$/, "") ?? "")
  }
}
