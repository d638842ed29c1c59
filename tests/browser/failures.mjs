// Tells of the tests that failed, in full; of the others only how many there were.

/** @param {AsyncIterable<{ type: string, data: any }>} events of `node --test` */
export default async function* failures(events) {
  let passed = 0
  for await (const { type, data } of events) {
    if (type === "test:pass") passed += 1
    if (type === "test:fail") {
      const { error } = data.details
      yield `${data.file ?? ""} ${data.name}\n${(error.cause ?? error).stack ?? error.message}\n\n`
    }
  }
  yield `${passed} passed\n`
}
