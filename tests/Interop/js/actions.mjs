// What the peer can be asked to do, from `--do` or from stdin. Returns the fields of a result; a throw is a failure.
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { UnsupportedError } from './options.mjs'
import { addresses, describe, describeIdentify } from './node.mjs'
import { collect, ECHO, MANY_STREAMS, PERF, perf, write } from './streams.mjs'

/** Bytes shown of what a stream brought; the rest is in its length and hash. */
const SHOWN = 4096

const patience = args => Number(args.timeout ?? 30_000)
const signal = args => AbortSignal.timeout(patience(args))

/** Of a multiaddr, several (comma separated), or a peer id. */
function target (args) {
  if (args.peer === undefined) throw new Error('this action needs a peer')
  return args.peer.startsWith('/') ? args.peer.split(',').map(text => multiaddr(text)) : peerIdFromString(args.peer)
}

const peerOf = args => peerIdFromString(args.peer.split('/p2p/').at(-1))
const connect = (node, args) => node.dial(target(args), { signal: signal(args), force: args.force === true })

async function open (node, args, protocols) {
  const connection = await connect(node, { ...args, force: false })
  return connection.newStream(protocols.split(','), { ...MANY_STREAMS, signal: signal(args) })
}

function payload (args, size) {
  if (args.hex !== undefined) return Buffer.from(args.hex, 'hex')
  return args.data === undefined ? randomBytes(Number(args.size ?? size)) : Buffer.from(args.data)
}

async function milliseconds (job) {
  const start = performance.now()
  await job()
  return performance.now() - start
}

const ACTIONS = {
  async dial (node, args) {
    let connection
    const ms = await milliseconds(async () => { connection = await connect(node, args) })
    return { ...describe(connection), ms }
  },
  async hangup (node, args) { await node.hangUp(peerOf(args), { signal: signal(args) }) },
  async connections (node) { return { connections: node.getConnections().map(describe) } },
  async addrs (node) { return { peerId: node.peerId.toString(), addrs: addresses(node) } },
  async protocols (node) { return { protocols: node.getProtocols() } },
  async sleep (node, args) { await delay(Number(args.ms ?? 1000)) },
  async mem () { return { ...process.memoryUsage(), gc: false } },

  async ping (node, args) {
    const rtts = []
    for (let i = 0; i < Number(args.count ?? 3); i++) {
      rtts.push(await milliseconds(() => node.services.ping.ping(target(args), { signal: signal(args) })))
    }
    return { rtts }
  },

  async identify (node, args) {
    return describeIdentify(await node.services.identify.identify(await connect(node, args), { signal: signal(args) }))
  },

  async 'identify-push' (node) { await node.services.identifyPush.push() },

  async echo (node, args) {
    const sent = payload(args, 1000)
    const stream = await open(node, args, args.protocol ?? ECHO)
    const answer = collect(stream, patience(args))
    await write(stream, sent)
    await stream.close()
    const { bytes, end } = await answer
    if (end !== 'eof' || !bytes.equals(sent)) throw new Error(`echo differs: sent ${sent.length}, received ${bytes.length} bytes, then ${end}`)
    return { size: bytes.length }
  },

  async perf (node, args) {
    const [uploadBytes, downloadBytes] = [Number(args.upload ?? 0), Number(args.download ?? 0)]
    const stream = await open(node, args, PERF)
    const ms = await milliseconds(() => perf(stream, uploadBytes, downloadBytes, patience(args)))
    return { uploadBytes, downloadBytes, ms, mbps: (uploadBytes + downloadBytes) * 8 / ms / 1000 }
  },

  /** A raw stream: send, then half-close (unless `no-close`) or reset, and collect what comes back. */
  async stream (node, args) {
    if (args.protocol === undefined) throw new Error('stream needs a protocol')
    const stream = await open(node, args, args.protocol)
    const answer = collect(stream, patience(args))
    try {
      await write(stream, payload(args, 0))
      if (args.reset === true) stream.abort(new Error('reset, as asked'))
      else if (args['no-close'] !== true) await stream.close()
    } catch (error) {
      if (stream.status === 'open') throw error // else the remote was quicker, and the reader tells
    }
    const { bytes, end } = await answer
    const shown = bytes.subarray(0, SHOWN)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { protocol: stream.protocol, length: bytes.length, hex: shown.toString('hex'), text: shown.toString(), sha256, end }
  }
}

/** Throws when there is no such action. */
export function known (name) {
  if (!Object.hasOwn(ACTIONS, name)) throw new UnsupportedError(name)
}

/** Performs one action; the outcome has `ok`. */
export async function perform (node, name, args) {
  try {
    known(name)
    return { ok: true, ...await ACTIONS[name](node, args) }
  } catch (error) {
    return { ok: false, error: error.message, name: error.name, ...(error instanceof UnsupportedError && { unsupported: error.what }) }
  }
}
