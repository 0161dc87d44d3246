// A js-libp2p node as the options want it; what happens to it goes to `emit`.
import { readFileSync } from 'node:fs'
import { generateKeyPair, privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { split } from './options.mjs'
import { ECHO, MANY_STREAMS, PERF, rawHandler, serveEcho, servePerf } from './streams.mjs'

const KEY_TYPES = { ed25519: ['Ed25519'], secp256k1: ['secp256k1'], rsa: ['RSA', 2048] }
const SERVICES = {
  identify: { identify: identify(MANY_STREAMS), identifyPush: identifyPush(MANY_STREAMS) },
  ping: { ping: ping(MANY_STREAMS) }
}
const SECURITY = { noise, tls }
const HANDLERS = { echo: [ECHO, serveEcho], perf: [PERF, servePerf] }

export function loadKey (options) {
  return options.key === undefined
    ? generateKeyPair(...KEY_TYPES[options['key-type'] ?? 'ed25519'])
    : privateKeyFromProtobuf(readFileSync(options.key))
}

export const addresses = node => node.getMultiaddrs().map(String)

export const describe = connection => ({
  peer: connection.remotePeer.toString(),
  addr: connection.remoteAddr.toString(),
  direction: connection.direction,
  security: connection.encryption ?? null,
  muxer: connection.multiplexer ?? null,
  limited: connection.limits !== undefined,
  connection: connection.id
})

export const describeIdentify = result => ({
  peer: result.peerId.toString(),
  protocolVersion: result.protocolVersion,
  agentVersion: result.agentVersion,
  protocols: result.protocols,
  listenAddrs: result.listenAddrs.map(String),
  observedAddr: result.observedAddr?.toString(),
  publicKeyType: result.peerId.publicKey?.type,
  signedPeerRecord: result.signedPeerRecord !== undefined
})

export async function startNode (options, { listening, emit }) {
  const protocols = split(options.protocols ?? (listening ? 'identify,ping,echo,perf' : 'identify,ping'))
  const node = await createLibp2p({
    start: false,
    privateKey: await loadKey(options),
    nodeInfo: { userAgent: options.agent ?? 'libp2p-gen-interop-js-peer' },
    addresses: { listen: options.listen ?? (listening ? [defaultAddress(options)] : []) },
    transports: [tcp()],
    connectionEncrypters: split(options.security ?? 'noise').map(name => SECURITY[name]()),
    streamMuxers: [yamux({ maxInboundStreams: 10_000, maxOutboundStreams: 10_000 })],
    services: Object.assign({}, ...protocols.map(name => SERVICES[name])),
    connectionGater: { denyDialMultiaddr: () => false }, // loopback addresses are what tests dial
    connectionMonitor: { enabled: false }, // no pings that nobody asked for
    connectionManager: { inboundConnectionThreshold: 10_000, maxIncomingPendingConnections: 10_000, reconnectRetries: 0 }
  })
  await serve(node, protocols, options.handle ?? [], emit)
  report(node, emit)
  await node.start()
  return node
}

function defaultAddress (options) {
  const ip = options.ip ?? '127.0.0.1'
  return `/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}/tcp/${options.port ?? 0}`
}

async function serve (node, protocols, handles, emit) {
  for (const name of protocols.filter(name => name in HANDLERS)) await node.handle(...HANDLERS[name], MANY_STREAMS)
  for (const handle of handles) {
    const [protocol, mode = 'echo'] = handle.split('=')
    await node.handle(protocol, rawHandler(protocol, mode, emit), MANY_STREAMS)
  }
}

function report (node, emit) {
  node.addEventListener('connection:open', event => emit('connection-open', describe(event.detail)))
  node.addEventListener('connection:close', event => emit('connection-close', describe(event.detail)))
  node.addEventListener('peer:identify', event => emit('peer-identify', describeIdentify(event.detail)))
}
