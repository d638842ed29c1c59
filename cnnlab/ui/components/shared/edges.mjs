// Where something that is scrolled sideways has more than is seen, its edge fades: `shared.css`.

/**
 * At which edges there is more of what is scrolled sideways.
 * @param {Pick<HTMLElement, "scrollLeft" | "scrollWidth" | "clientWidth">} place
 * @returns {string} `before`, `after`, both or neither
 */
export function hidden({ scrollLeft, scrollWidth, clientWidth }) {
  const left = scrollWidth - clientWidth - scrollLeft
  return [scrollLeft > 1 ? "before" : "", left > 1 ? "after" : ""].filter(Boolean).join(" ")
}

/** @type {WeakMap<HTMLElement, () => void>} how to look at a place that is kept true already */
const looks = new WeakMap()

/**
 * Keep what is said of a place's edges true, whatever is scrolled or gets wider. Asked for again, as
 * for other content, it only looks once more.
 * @param {HTMLElement} place
 * @param {(edges: string) => void} [told] is called with them each time that they are looked at
 */
export function fadeEdges(place, told) {
  const known = looks.get(place)
  if (known) return known()
  const look = () => {
    const edges = hidden(place)
    place.dataset.more = edges
    told?.(edges)
  }
  looks.set(place, look)
  place.addEventListener("scroll", look, { passive: true })
  const watcher = new ResizeObserver(look)
  watcher.observe(place)
  if (place.firstElementChild) watcher.observe(place.firstElementChild)
}
