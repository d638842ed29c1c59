// One part of a run's live view. Streamlit calls this again whenever the part's data or the theme
// changes, and the function that it returns when the part leaves the page.

const PARTS = {
  status: drawStatus, numbers: drawNumbers, chart: drawChart, turns: drawTurns, log: drawLog,
}

// What a user can do depends on the status: the page is run again when it has changed.
function tellStatus(stream, data, setTriggerValue) {
  const status = stream.state.status
  if (!status || status === stream.told) return
  stream.told = status
  if (status !== data.status) setTriggerValue("status", status)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cnnlab-live")
  for (const part of root.children) part.hidden = part.dataset.part !== data.part
  const stream = streamOf(data.stream)
  if (root.cnnlabStream && root.cnnlabStream !== stream) root.cnnlabStream.leave(data.part)
  root.cnnlabStream = stream
  stream.goOn(data)
  stream.listen(data.part, () => {
    PARTS[data.part](root, stream, data)
    if (data.part === "status") tellStatus(stream, data, setTriggerValue)
  })
  return () => stream.leave(data.part)
}
