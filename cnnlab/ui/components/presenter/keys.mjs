// What keys and fingers do, and which elements the Tab key visits.

const SWIPE_PX = 60

/** @type {Record<string, string>} */
const KEYS = {
  ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back", Home: "first",
  End: "last", ArrowDown: "down", ArrowUp: "up", f: "full",
}
/** @type {Record<string, string>} */
const OF_PRESENTERS = { Escape: "leave", e: "edit", n: "notes" }

/**
 * What a key does.
 * @param {string} key
 * @param {{ isPlayable: boolean, isRead: boolean }} where whether the slide has something to play,
 *   and whether the slides are only to be read
 * @returns {string | undefined}
 */
export function actionOf(key, { isPlayable, isRead }) {
  if (key === " ") return isPlayable ? "play" : undefined
  const name = key.length === 1 ? key.toLowerCase() : key
  return KEYS[name] ?? (isRead ? undefined : OF_PRESENTERS[name])
}

/**
 * Where a finger that moved so far leads: only a move to the side leads anywhere.
 * @param {number} x in px
 * @param {number} y in px
 */
export function swiped(x, y) {
  if (Math.abs(x) <= SWIPE_PX || Math.abs(x) <= 2 * Math.abs(y)) return undefined
  return x < 0 ? "next" : "back"
}

/**
 * The field that an event met, if any: it has its own keys and moves.
 * @param {Event} event
 */
export function fieldOf(event) {
  return event.target instanceof Element ? event.target.closest("input, textarea") : null
}

/**
 * Keep the Tab key within an element: behind the last one it visits the first one.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} root
 */
export function keepWithin(event, root) {
  const places = [...root.querySelectorAll("button, input, textarea, a[href], [tabindex='0']")]
    .filter((place) => place instanceof HTMLElement && place.checkVisibility() &&
      !(/** @type {HTMLButtonElement} */ (place).disabled) && place.tabIndex >= 0)
  const now = document.activeElement, last = places.length - 1
  const at = now ? places.indexOf(now) : -1
  const leaves = at < 0 || (event.shiftKey ? at === 0 : at === last)
  const next = places[event.shiftKey ? last : 0]
  if (!leaves || !(next instanceof HTMLElement)) return
  event.preventDefault()
  next.focus()
}
