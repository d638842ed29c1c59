// One part of a run's live view. Streamlit calls this again whenever the part's data or the theme
// changes, and the function that it returns when the part leaves the page.

const PARTS = { status: drawStatus, numbers: drawNumbers, chart: drawChart, log: drawLog }

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cnnlab-live")
  for (const part of root.children) part.hidden = part.dataset.part !== data.part
  const stream = streamOf(data.stream)
  if (root.cnnlabStream && root.cnnlabStream !== stream) root.cnnlabStream.leave(data.part)
  root.cnnlabStream = stream
  let told = ENDED.has(data.status)
  stream.listen(data.part, () => {
    PARTS[data.part](root, stream, data)
    if (data.part === "status" && !told && ENDED.has(stream.state.status)) {
      told = true
      setTriggerValue("ended", stream.state.status)
    }
  })
  return () => stream.leave(data.part)
}
