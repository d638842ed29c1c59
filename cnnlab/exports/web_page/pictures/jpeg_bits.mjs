// The coefficients of a JPEG's blocks from its bits, sequential or progressive (ITU-T T.81).

/**
 * @typedef {object} Component
 * @property {number} id
 * @property {number} h samples in width, relative to the others
 * @property {number} v in height
 * @property {number} table number of its quantizers
 * @property {Uint16Array} quantizers in the order of a block's rows
 * @property {number} blocksWide of the component itself
 * @property {number} blocksHigh
 * @property {number} stride blocks in a line, whole units
 * @property {Int16Array} coefficients 64 a block
 * @property {Codes} [dc]
 * @property {Codes} [ac]
 * @property {number} previous
 * @typedef {object} Codes
 * @property {Uint8Array} values
 * @property {Int32Array} most the largest code of each length, -1 where there is none
 * @property {Int32Array} offset from a code to its value, by length
 * @property {Uint16Array} short 256 * length + value by the next 8 bits, 0 where the code is longer
 * @typedef {object} Scan
 * @property {Component[]} components
 * @property {number} first coefficient
 * @property {number} last coefficient
 * @property {number} high bit that came before, 0 in the first scan
 * @property {number} low bit that comes now
 * @property {number} restart units between restarts, 0 for none
 * @property {number} unitsWide of all components together
 * @property {number} unitsHigh
 */

/** From the order in which coefficients come to rows of a block. */
export const ZIGZAG = Uint8Array.from([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,
  6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38,
  31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
])

/**
 * @param {Uint8Array} counts of codes with 1 to 16 bits
 * @param {Uint8Array} values in the order of their codes
 * @returns {Codes}
 */
export function codesOf(counts, values) {
  const most = new Int32Array(17).fill(-1)
  const offset = new Int32Array(17)
  const short = new Uint16Array(256)
  for (let length = 1, code = 0, at = 0; length <= 16; length += 1, code <<= 1) {
    const count = counts[length - 1]
    offset[length] = at - code
    for (let next = 0; next < count; next += 1, at += 1, code += 1) {
      if (length > 8) continue
      short.fill(256 * length + values[at], code << (8 - length), (code + 1) << (8 - length))
    }
    if (count) most[length] = code - 1
  }
  return { values, most, offset, short }
}

/** Bits of a scan, up to the next marker, behind which all are 0. */
class Bits {
  #bits = 0
  #count = 0

  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  constructor(bytes, at) {
    this.bytes = bytes
    this.at = at
  }

  /** @param {number} count at least so many */
  #fill(count) {
    while (this.#count < count) {
      let byte = 0
      if (this.at >= this.bytes.length) throw new Error("The file ends too soon.")
      if (this.bytes[this.at] !== 0xff) byte = this.bytes[this.at++]
      else if (this.bytes[this.at + 1] === 0) {
        byte = 0xff
        this.at += 2
      }
      this.#bits = ((this.#bits << 8) | byte) & 0xffffff
      this.#count += 8
    }
  }

  /** @param {number} count 0..16 */
  take(count) {
    if (!count) return 0
    this.#fill(count)
    this.#count -= count
    return (this.#bits >> this.#count) & ((1 << count) - 1)
  }

  /**
   * A number of so many bits, negative ones by the standard's rule.
   * @param {number} count
   */
  signed(count) {
    const value = this.take(count)
    return count && value < 1 << (count - 1) ? value - (1 << count) + 1 : value
  }

  /** @param {Codes} codes */
  value(codes) {
    this.#fill(8)
    const found = codes.short[(this.#bits >> (this.#count - 8)) & 255]
    if (found) {
      this.#count -= found >> 8
      return found & 255
    }
    let code = this.take(8)
    for (let length = 9; length <= 16; length += 1) {
      code = (code << 1) | this.take(1)
      if (code <= codes.most[length]) return codes.values[code + codes.offset[length]]
    }
    throw new Error("A code of the file means nothing.")
  }

  /** Go on behind the next restart marker, if that comes next. */
  restart() {
    this.#bits = 0
    this.#count = 0
    let at = this.at
    while (this.bytes[at] === 0xff && this.bytes[at + 1] === 0xff) at += 1
    if (this.bytes[at] === 0xff && (this.bytes[at + 1] & 0xf8) === 0xd0) this.at = at + 2
  }
}

/**
 * Read one scan into the coefficients of its components.
 * @param {Uint8Array} bytes
 * @param {number} at where its bits begin
 * @param {Scan} scan
 * @param {boolean} isProgressive
 * @returns {number} where the bits end
 */
export function readScan(bytes, at, scan, isProgressive) {
  const bits = new Bits(bytes, at)
  const decode = isProgressive ? progressive(bits, scan) : sequential(bits)
  const { components, restart } = scan
  const [single] = components
  const isSingle = components.length === 1
  const wide = isSingle ? single.blocksWide : scan.unitsWide
  const units = wide * (isSingle ? single.blocksHigh : scan.unitsHigh)
  for (let unit = 0; unit < units; unit += 1) {
    if (unit % (restart || units) === 0) {
      if (unit) bits.restart()
      for (const component of components) component.previous = 0
      decode.begin()
    }
    const row = Math.floor(unit / wide)
    const column = unit - row * wide
    if (isSingle) {
      decode.block(single, (row * single.stride + column) * 64)
      continue
    }
    for (const component of components) {
      for (let part = 0; part < component.h * component.v; part += 1) {
        const y = row * component.v + Math.floor(part / component.h)
        const x = column * component.h + (part % component.h)
        decode.block(component, (y * component.stride + x) * 64)
      }
    }
  }
  return bits.at
}

/**
 * @typedef {object} Decoder
 * @property {() => void} begin at the start and behind each restart
 * @property {(component: Component, at: number) => void} block reads one into its coefficients
 */

/**
 * @param {Codes | undefined} codes
 * @returns {Codes}
 */
function known(codes) {
  if (!codes) throw new Error("A table of codes is missing.")
  return codes
}

/**
 * @param {Bits} bits
 * @returns {Decoder}
 */
function sequential(bits) {
  return {
    begin: () => {},
    block(component, at) {
      const { coefficients } = component
      component.previous += bits.signed(bits.value(known(component.dc)))
      coefficients[at] = component.previous
      const ac = known(component.ac)
      for (let k = 1; k < 64; k += 1) {
        const code = bits.value(ac)
        const size = code & 15
        k += code >> 4
        if (!size && code !== 0xf0) return
        if (size) coefficients[at + ZIGZAG[k & 63]] = bits.signed(size)
      }
    },
  }
}

/**
 * @param {Bits} bits
 * @param {Scan} scan
 * @returns {Decoder}
 */
function progressive(bits, { first, last, high, low }) {
  let run = 0 // blocks to come in which there is nothing new
  const begin = () => { run = 0 }
  if (!first && !high) {
    return { begin, block(component, at) {
      component.previous += bits.signed(bits.value(known(component.dc)))
      component.coefficients[at] = component.previous * 2 ** low
    } }
  }
  if (!first) {
    return { begin, block({ coefficients }, at) { if (bits.take(1)) coefficients[at] |= 1 << low } }
  }
  if (!high) {
    return { begin, block({ coefficients, ac }, at) {
      if (run) {
        run -= 1
        return
      }
      for (let k = first; k <= last; k += 1) {
        const code = bits.value(known(ac))
        const size = code & 15
        const zeros = code >> 4
        if (!size && zeros < 15) {
          run = (1 << zeros) - 1 + bits.take(zeros)
          return
        }
        k += zeros
        if (size) coefficients[at + ZIGZAG[k & 63]] = bits.signed(size) * 2 ** low
      }
    } }
  }
  const bounds = { first, last, bit: 1 << low }
  return { begin, block({ coefficients, ac }, at) {
    run = refine(bits, coefficients, at, known(ac), run, bounds)
  } }
}

/**
 * One more bit of each coefficient of a block.
 * @param {Bits} bits
 * @param {Int16Array} coefficients
 * @param {number} at
 * @param {Codes} codes
 * @param {number} rest blocks in which nothing becomes other than 0
 * @param {{ first: number, last: number, bit: number }} bounds
 * @returns {number} how many are left
 */
function refine(bits, coefficients, at, codes, rest, { first, last, bit }) {
  let k = first
  let left = rest
  while (k <= last && !left) {
    const code = bits.value(codes)
    let zeros = code >> 4
    let value = 0
    if (code & 15) value = bits.take(1) ? bit : -bit
    else if (zeros < 15) {
      left = (1 << zeros) + bits.take(zeros)
      break
    }
    for (; k <= last; k += 1) {
      const place = at + ZIGZAG[k]
      if (coefficients[place]) correct(bits, coefficients, place, bit)
      else if (zeros) zeros -= 1
      else break
    }
    if (value && k <= last) coefficients[at + ZIGZAG[k]] = value
    k += 1
  }
  if (!left) return 0
  for (; k <= last; k += 1) {
    const place = at + ZIGZAG[k]
    if (coefficients[place]) correct(bits, coefficients, place, bit)
  }
  return left - 1
}

/**
 * @param {Bits} bits
 * @param {Int16Array} coefficients
 * @param {number} place
 * @param {number} bit
 */
function correct(bits, coefficients, place, bit) {
  const value = coefficients[place]
  if (bits.take(1) && !(Math.abs(value) & bit)) coefficients[place] += Math.sign(value) * bit
}
