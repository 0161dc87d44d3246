// Bytes to and from js-libp2p streams, and the protocols that this peer serves itself.
import { setTimeout as sleep } from 'node:timers/promises'
import { UnsupportedError } from './options.mjs'

export const ECHO = '/echo/1.0.0'
export const PERF = '/perf/1.0.0'

/** No small limits on the number of streams: a test asks for hundreds at a time. */
export const MANY_STREAMS = { maxInboundStreams: 10_000, maxOutboundStreams: 10_000, runOnLimitedConnection: true }

const ZEROS = new Uint8Array(64 * 1024)

/**
 * Hands over what arrives until nothing more can; tells how it ended: `eof`, `stream reset`, `connection closed`, or `timeout`,
 * which resets the stream. Iterating a stream would miss a FIN that came before the loop began, and so would waiting for `end`:
 * a FIN in the flight of the negotiation comes before the data that the negotiation read too much of and gives back.
 */
export async function read (stream, onData, patience) {
  let finished = stream.remoteWriteStatus === 'closed' && stream.status === 'open'
  const { promise, resolve } = Promise.withResolvers()
  const settle = () => {
    if (stream.status === 'reset' || stream.status === 'aborted') return resolve('stream reset')
    if (stream.remoteWriteStatus === 'closed' && stream.readBufferLength === 0) resolve(finished ? 'eof' : 'connection closed')
  }
  stream.addEventListener('remoteCloseWrite', () => { finished = true; settle() })
  stream.addEventListener('end', settle)
  stream.addEventListener('close', settle)
  stream.addEventListener('message', message => { onData(message.data.subarray()); settle() })
  settle()

  const clock = patience && setTimeout(() => {
    resolve('timeout')
    stream.abort(new Error('timed out')) // a writer that waits for window learns of it, too
  }, patience)
  return promise.finally(() => clearTimeout(clock))
}

/** All that arrives, as one buffer, and how it ended. */
export async function collect (stream, patience) {
  const parts = []
  const end = await read(stream, data => parts.push(Buffer.from(data)), patience)
  return { bytes: Buffer.concat(parts), end }
}

/** Waits until the stream takes more, or is gone. */
function writable (stream) {
  return new Promise((resolve, reject) => {
    const gone = () => settle(() => reject(new Error(`stream ${stream.status} while sending`)))
    const ready = () => settle(resolve)
    const settle = how => {
      stream.removeEventListener('drain', ready)
      stream.removeEventListener('close', gone)
      how()
    }
    stream.addEventListener('drain', ready)
    stream.addEventListener('close', gone)
  })
}

export async function write (stream, bytes) {
  for (let at = 0; at < bytes.byteLength; at += ZEROS.byteLength) {
    if (!stream.send(bytes.subarray(at, at + ZEROS.byteLength))) await writable(stream)
  }
}

export async function writeZeros (stream, count) {
  for (let left = count; left > 0; left -= ZEROS.byteLength) {
    if (!stream.send(ZEROS.subarray(0, Math.min(left, ZEROS.byteLength)))) await writable(stream)
  }
}

/** Sends back what arrives; while the other side does not take it, nothing more is read. */
async function echo (stream) {
  let received = 0
  const end = await read(stream, data => {
    received += data.byteLength
    if (stream.status !== 'open' || stream.send(data)) return
    stream.pause()
    writable(stream).then(() => stream.resume()).catch(() => {}) // gone: the reader has been told
  })
  return { received, end }
}

async function sink (stream, patience) {
  let received = 0
  const end = await read(stream, data => { received += data.byteLength }, patience)
  return { received, end }
}

/** What `--handle proto=mode` can do: each returns what it received and how that ended. */
const MODES = {
  echo,
  sink: stream => sink(stream),
  hang: stream => sink(stream),
  close: async () => ({ received: 0, end: 'eof' }),
  source: async (stream, count) => { await writeZeros(stream, count); return { received: 0, end: 'eof' } },
  // A reset in one flight with the answer to the proposal takes that answer with it; so the other side gets a moment to read it.
  reset: async stream => { await sleep(50); stream.abort(new Error('reset, as asked')); return { received: 0, end: 'eof' } }
}

/** The handler of a raw protocol, which reports as `stream-open`, `stream-error`, `stream-end`. */
export function rawHandler (protocol, modeText, emit) {
  const [mode, argument] = modeText.split(':')
  if (!Object.hasOwn(MODES, mode)) throw new UnsupportedError(`--handle ${protocol}=${modeText}`)
  return async stream => {
    emit('stream-open', { protocol, mode })
    let received = 0
    try {
      const result = await MODES[mode](stream, Number(argument ?? 0))
      received = result.received
      if (result.end !== 'eof') throw new Error(result.end)
      if (mode !== 'hang' && mode !== 'reset') await stream.close()
    } catch (error) {
      emit('stream-error', { protocol, mode, error: error.message })
      stream.abort(error)
    } finally {
      emit('stream-end', { protocol, mode, received })
    }
  }
}

export async function serveEcho (stream) {
  const { end } = await echo(stream)
  if (end === 'eof') await stream.close()
}

/** https://github.com/libp2p/specs/blob/master/perf/perf.md: how much to answer (u64, big endian), an upload, its FIN, the answer. */
export async function servePerf (stream) {
  const head = Buffer.alloc(8)
  let received = 0
  const end = await read(stream, data => {
    if (received < head.byteLength) Buffer.from(data).copy(head, received)
    received += data.byteLength
  })
  if (end !== 'eof') return
  if (received < head.byteLength) return stream.abort(new Error('a perf request without a length'))
  await writeZeros(stream, Number(head.readBigUInt64BE()))
  await stream.close()
}

export async function perf (stream, upload, download, patience) {
  const head = Buffer.alloc(8)
  head.writeBigUInt64BE(BigInt(download))
  const answer = sink(stream, patience)
  await write(stream, head)
  await writeZeros(stream, upload)
  await stream.close()
  const { received, end } = await answer
  if (end !== 'eof' || received !== download) throw new Error(`perf: ${received} of ${download} bytes, then ${end}`)
}
