// Status, progress, numbers and log of a run, in words.

const percent = (value) => (value == null ? "–" : `${(100 * value).toFixed(1)} %`)
const points = (value) => `${value >= 0 ? "+" : "−"}${Math.abs(100 * value).toFixed(1)} points`
const digits = (value) => (value == null ? "–" : Number(value.toPrecision(3)).toString())

function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
}

function set(root, name, text) {
  const element = root.querySelector(`[data-show="${name}"]`)
  if (element.textContent !== text) element.textContent = text
}

function progressOf(stream, facts) {
  const step = stream.steps.at(-1)
  const inside = step ? (step.step + 1) / facts.steps_per_epoch : 0
  return Math.min(stream.epochs.length + inside, facts.epochs)
}

function bestOf(epochs) {
  let best
  for (const record of epochs) {
    const better = !best || record.val_accuracy > best.val_accuracy ||
      (record.val_accuracy === best.val_accuracy &&
        record.val_cross_entropy < best.val_cross_entropy)
    if (better) best = record
  }
  return best
}

const WORDS = {
  queued: "Queued", running: "Running", finished: "Finished", stopped: "Stopped",
  failed: "Failed", interrupted: "Interrupted",
}

function drawStatus(root, stream, data) {
  const status = stream.state.status ?? data.status
  const pill = root.querySelector(".cnnlab-pill")
  pill.dataset.status = status
  set(root, "status", WORDS[status])
  const lines = {
    queued: "Waits until the run before it has ended.",
    running: stream.connected ? stream.phase || "Starting the worker" : "Connecting again ...",
  }
  set(root, "doing", stream.state.error ?? lines[status] ?? stream.state.message ?? data.message)
  set(root, "device", stream.state.device ?? data.device ?? "")
}

function drawNumbers(root, stream, data) {
  const facts = stream.state.facts ?? {}
  const running = !ENDED.has(stream.state.status ?? data.status)
  const total = facts.epochs ?? data.epochs
  const done = facts.epochs ? progressOf(stream, facts) : 0
  const bar = root.querySelector("[role=progressbar]")
  const share = running ? done / total : stream.epochs.length / total
  bar.setAttribute("aria-valuenow", Math.round(100 * share))
  bar.firstElementChild.style.width = `${100 * share}%`
  bar.dataset.waiting = running && !facts.epochs
  const last = stream.epochs.at(-1), step = stream.steps.at(-1), best = bestOf(stream.epochs)
  const now = running && facts.epochs ? Math.min(stream.epochs.length + 1, total) : stream.epochs.length
  set(root, "epoch", `Epoch ${now} of ${total}`)
  set(root, "left", running ? timeLeft(stream, facts, done) : "")
  const speed = (step ?? last)?.images_per_second
  set(root, "speed", speed ? `${Math.round(speed).toLocaleString("en")} images/s` : "")
  const rate = (step ?? last)?.learning_rate
  set(root, "rate", rate ? `learning rate ${digits(rate)}` : "")
  set(root, "validation", percent(last?.val_accuracy))
  set(root, "best", best ? `best ${percent(best.val_accuracy)}, epoch ${best.epoch + 1}` : "")
  set(root, "clean", percent(last?.clean_accuracy))
  set(root, "subset", facts.clean_is_subset
    ? `on ${facts.clean_images.toLocaleString("en")} of the images` : "everything random off")
  set(root, "gap", last ? points(last.clean_accuracy - last.val_accuracy) : "–")
  set(root, "entropy", digits(last?.val_cross_entropy))
}

function timeLeft(stream, facts, done) {
  if (!facts.epochs || done < 0.02) return "time left: measuring"
  if (done >= facts.epochs) return "finishing"
  const step = stream.steps.at(-1)
  const whole = stream.epochs.length ? epochSeconds(stream) : 0
  if (whole) return `${duration(whole * (facts.epochs - done))} left`
  return step ? `${duration((step.seconds / done) * (facts.epochs - done))} left` : ""
}

function epochSeconds(stream) {
  const recent = stream.epochs.slice(-5)
  const sum = (name) => recent.reduce((total, record) => total + record[name], 0)
  return (sum("seconds") + sum("evaluation_seconds")) / recent.length
}

function drawLog(root, stream) {
  const pre = root.querySelector("pre")
  const text = stream.state.log || "The worker has said nothing yet."
  if (pre.textContent === text) return
  const atEnd = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 8
  pre.textContent = text
  if (atEnd) pre.scrollTop = pre.scrollHeight
}
