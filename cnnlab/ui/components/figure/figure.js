// A Plotly figure drawn from data, in the theme of the moment.

function merged(base, over) {
  const result = { ...base }
  for (const [name, value] of Object.entries(over)) {
    const both = [result[name], value].every((v) => v && typeof v === "object" && !Array.isArray(v))
    result[name] = both ? merged(result[name], value) : value
  }
  return result
}

const NARROW_PX = 520

// Where there is no room beside the curves, their names go into a legend below.
function narrowed(figure) {
  const named = (trace) => trace.name && trace.mode === "lines"
  return {
    data: figure.data.map((trace) => named(trace) ? { ...trace, showlegend: true } : trace),
    layout: {
      ...figure.layout, annotations: [], showlegend: true,
      margin: { ...figure.layout.margin, r: 8 },
      legend: { orientation: "h", x: 0, y: -0.38, yanchor: "top", itemclick: false },
    },
  }
}

export default async function ({ data, parentElement }) {
  const element = parentElement.querySelector(".cnnlab-figure")
  element.style.height = `${data.height}px`
  element.setAttribute("role", "figure")
  element.setAttribute("aria-label", data.alt)
  const Plotly = await loadPlotly(data.plotly)
  const theme = themeOf(parentElement)
  const isNarrow = element.clientWidth > 0 && element.clientWidth < NARROW_PX
  const usesLegend = isNarrow && data.figure.layout.meta?.narrow === "legend"
  const figure = usesLegend ? narrowed(data.figure) : data.figure
  const layout = merged(themedLayout(theme), figure.layout)
  // Plotly picks the colour of a cell's text for an opaque cell; ours let the background through.
  const traces = figure.data.map((trace) =>
    trace.type === "heatmap" ? { ...trace, textfont: { color: theme.text } } : trace)
  Plotly.react(element, traces, layout, PLOTLY_CONFIG)
}
