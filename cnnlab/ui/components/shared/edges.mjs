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

/**
 * Keep what is said of a place's edges true, whatever is scrolled or gets wider.
 * @param {HTMLElement} place
 * @param {(edges: string) => void} [told] is called with them each time that they are looked at
 */
export function fadeEdges(place, told) {
  const look = () => {
    const edges = hidden(place)
    place.dataset.more = edges
    told?.(edges)
  }
  place.addEventListener("scroll", look, { passive: true })
  const watcher = new ResizeObserver(look)
  watcher.observe(place)
  if (place.firstElementChild) watcher.observe(place.firstElementChild)
}
