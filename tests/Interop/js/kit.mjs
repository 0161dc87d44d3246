// The kit (tests/Peer/Kit/README.md) by js-libp2p: one JSON request a line, one JSON line back, in order. The differential tests hold
// our kit against this one.
import { createInterface } from 'node:readline'
import { privateKeyFromProtobuf, publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromCID, peerIdFromMultihash, peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'

const toHex = (bytes) => Buffer.from(bytes).toString('hex')

function fromHex (text) {
  if (typeof text !== 'string' || !/^([0-9a-f]{2})*$/i.test(text)) {
    throw new Error('not hex')
  }

  return Uint8Array.from(Buffer.from(text, 'hex'))
}

const describeKey = (key) => ({
  type: key.type.toLowerCase(),
  peerId: peerIdFromPublicKey(key).toString(),
  publicKey: toHex(publicKeyToProtobuf(key))
})

async function openEnvelope (hex, domain) {
  const envelope = await RecordEnvelope.openAndCertify(fromHex(hex), domain)
  return { envelope, peer: peerIdFromCID(envelope.publicKey.toCID()) }
}

const ANSWERS = {
  'multiaddr.parse': ({ text }) => {
    const address = multiaddr(text)
    return { text: address.toString(), hex: toHex(address.bytes) }
  },
  'multiaddr.decode': ({ hex }) => ({ text: multiaddr(fromHex(hex)).toString() }),
  'peerid.parse': ({ text, hex }) => {
    const peer = text != null ? peerIdFromString(text) : peerIdFromMultihash(Digest.decode(fromHex(hex)))
    return { text: peer.toString(), cid: peer.toCID().toString(), hex: toHex(peer.toMultihash().bytes) }
  },
  'key.public': ({ hex }) => describeKey(publicKeyFromProtobuf(fromHex(hex))),
  'key.private': ({ hex }) => describeKey(privateKeyFromProtobuf(fromHex(hex)).publicKey),
  'key.sign': async ({ hex, data }) => ({ signature: toHex(await privateKeyFromProtobuf(fromHex(hex)).sign(fromHex(data))) }),
  'key.verify': async ({ hex, data, signature }) => {
    const key = publicKeyFromProtobuf(fromHex(hex))
    return { valid: await key.verify(fromHex(data), fromHex(signature)) }
  },
  'envelope.open': async ({ hex, domain }) => {
    const { envelope, peer } = await openEnvelope(hex, domain)
    return { peerId: peer.toString(), payloadType: toHex(envelope.payloadType), payload: toHex(envelope.payload) }
  },
  'record.open': async ({ hex }) => {
    const { envelope, peer } = await openEnvelope(hex, PeerRecord.DOMAIN)
    const record = PeerRecord.createFromProtobuf(envelope.payload)

    if (!record.peerId.equals(peer)) { // as @libp2p/identify asks
      throw new Error('signing key does not match PeerId in the PeerRecord')
    }

    return { peerId: record.peerId.toString(), seq: record.seqNumber.toString(), addresses: record.multiaddrs.map(String) }
  }
}

async function answer (line) {
  try {
    const request = JSON.parse(line)
    const results = ANSWERS[request.do]

    if (results == null) {
      throw new Error('"do" names nothing that this kit does')
    }

    return { ok: true, ...await results(request) }
  } catch (error) {
    return { ok: false, error: String(error?.message ?? error) }
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(JSON.stringify(await answer(line)) + '\n')
}
