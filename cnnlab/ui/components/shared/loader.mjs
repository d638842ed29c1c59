// What Streamlit runs for each of our components: it fetches the component's own module from our
// server. Streamlit runs this text from a blob, where neither relative addresses nor static imports
// lead anywhere.

// While the module is on its way, the data may change or the theme: only the last call counts.
const latest = new WeakMap()

/** @type {import("./component.d.ts").Draw<{ module: string }>} */
export default async function (component) {
  const place = component.parentElement
  latest.set(place, component)
  const { default: draw } = await import(new URL(component.data.module, document.baseURI).href)
  if (latest.get(place) !== component) return undefined
  const leave = await draw(component)
  return () => {
    if (latest.get(place) === component) leave?.()
  }
}
