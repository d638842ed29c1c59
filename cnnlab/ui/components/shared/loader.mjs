// What Streamlit runs for each of our components: it fetches the component's own module from our
// server. Streamlit runs this text from a blob, where neither relative addresses nor static imports
// lead anywhere.

// While the module is on its way, the data may change or the theme: only the last call counts.
const latest = new WeakMap()

/** @param {string} address */
async function load(address) {
  try {
    return await import(new URL(address, document.baseURI).href)
  } catch (error) {
    throw new Error("This part of the page can't be loaded: reload the page.", { cause: error })
  }
}

/** @type {import("./component.d.ts").Draw<{ module: string }>} */
export default async function (component) {
  const place = component.parentElement
  latest.set(place, component)
  const { default: draw } = await load(component.data.module)
  if (latest.get(place) !== component) return undefined
  const leave = await draw(component)
  return () => {
    if (latest.get(place) === component) leave?.()
  }
}
