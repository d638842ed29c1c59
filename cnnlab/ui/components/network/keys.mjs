// What a key does.

/** With Ctrl, or with the command key of a Mac. @type {Record<string, string>} */
const WITH_CONTROL = { z: "undo", y: "redo", d: "duplicate" }
/** On a card. @type {Record<string, string>} */
const ON_A_CARD = {
  ArrowLeft: "before", ArrowUp: "before", ArrowRight: "behind", ArrowDown: "behind",
  Home: "first", End: "last", Delete: "remove", Backspace: "remove",
  Enter: "fields", Insert: "add", "+": "add",
}
/** On a card with Alt. @type {Record<string, string>} */
const WITH_ALT = { ArrowLeft: "earlier", ArrowUp: "earlier", ArrowRight: "later", ArrowDown: "later" }

const FIELDS = "input, select, textarea"
const PANEL = ".cnnlab-net-panel *"
const CARD = ".cnnlab-net-card"
const CHIP = ".cnnlab-net-chip"

/**
 * The action that a key asks for; nothing if none. Fields keep the keys that they know themselves.
 * @param {{ key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean,
 *   target: unknown }} event
 */
export function actionOf({ key, ctrlKey, metaKey, altKey, shiftKey, target }) {
  const focused = /** @type {Element} */ (target)
  if (key === "Escape" && focused.matches("textarea")) return "json"
  if (key === "Escape" && focused.matches(PANEL)) return "card"
  if (focused.matches(FIELDS)) return undefined
  if (ctrlKey || metaKey) {
    const action = WITH_CONTROL[key.toLowerCase()]
    return action === "undo" && shiftKey ? "redo" : action
  }
  const isChip = focused.matches(CHIP)
  if (!isChip && !focused.matches(CARD)) return undefined
  if (altKey) return WITH_ALT[key]
  const action = ON_A_CARD[key]
  return isChip && action !== "remove" ? undefined : action
}

/**
 * Whether a browser would take a key to leave the page, or to bookmark it, where it is meant for a
 * block. On a Mac Alt with an arrow goes on by a word, and leaves nothing.
 * @param {{ key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} event
 * @param {boolean} isMac
 */
export function isOfBrowser({ key, ctrlKey, metaKey, altKey }, isMac) {
  if (altKey) return !isMac && Object.hasOwn(WITH_ALT, key)
  return (ctrlKey || metaKey) && key.toLowerCase() === "d"
}
