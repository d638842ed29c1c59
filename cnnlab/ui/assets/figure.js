// A Plotly figure drawn from data, in the theme of the moment.

function merged(base, over) {
  const result = { ...base }
  for (const [name, value] of Object.entries(over)) {
    const both = [result[name], value].every((v) => v && typeof v === "object" && !Array.isArray(v))
    result[name] = both ? merged(result[name], value) : value
  }
  return result
}

export default async function ({ data, parentElement }) {
  const element = parentElement.querySelector(".cnnlab-figure")
  element.style.height = `${data.height}px`
  element.setAttribute("role", "figure")
  element.setAttribute("aria-label", data.alt)
  const Plotly = await loadPlotly(data.plotly)
  const theme = themeOf(parentElement)
  const layout = merged(themedLayout(theme), data.figure.layout)
  // Plotly picks the colour of a cell's text for an opaque cell; ours let the background through.
  const traces = data.figure.data.map((trace) =>
    trace.type === "heatmap" ? { ...trace, textfont: { color: theme.text } } : trace)
  Plotly.react(element, traces, layout, PLOTLY_CONFIG)
}
