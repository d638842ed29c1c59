// Who has opened the file in a frame may ask what it says of picture files: by this it is compared
// with the model before anybody gets it. A frame in a sandbox has no origin to name, so none is asked.

/** @typedef {import("./model.mjs").Model} Model */

/**
 * @param {Model} model
 * @param {number} milliseconds from the file's opening to its being ready
 */
export function answerWhoAsks(model, milliseconds) {
  addEventListener("message", async ({ data, source }) => {
    if (source !== window.parent || !data) return
    const { cnnlab: asked, id, content } = data
    if (asked === "hello") window.parent.postMessage({ cnnlab: "ready", milliseconds }, "*")
    if (asked !== "classify") return
    const answer = await told(model, content)
    window.parent.postMessage({ cnnlab: "classified", id, ...answer }, "*")
  })
  if (window.parent !== window) window.parent.postMessage({ cnnlab: "ready", milliseconds }, "*")
}

/**
 * @param {Model} model
 * @param {Uint8Array | ArrayBuffer} content of a file
 */
async function told(model, content) {
  try {
    const { probabilities, milliseconds } = await model.ofFile(new Uint8Array(content))
    return { probabilities: Array.from(probabilities), milliseconds }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
