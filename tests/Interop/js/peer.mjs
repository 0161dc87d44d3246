// The js-libp2p side of the interop tests: JSON lines on stdout, JSON commands on stdin. See README.md.
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { known, perform } from './actions.mjs'
import { addresses, loadKey, startNode } from './node.mjs'
import { readCommandLine, split, UnsupportedError, UsageError } from './options.mjs'

const EXIT = { success: 0, failed: 1, usage: 2, unsupported: 3 }
/** A node that cannot stop within this is left as it is: its process ends. */
const STOP_MS = 3000

const emit = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n')

async function end (node, code) {
  await Promise.race([node.stop(), new Promise(resolve => setTimeout(resolve, STOP_MS))])
  process.stdout.write('', () => process.exit(code)) // once all lines are out
}

async function listen ({ options }) {
  const node = await startNode(options, { listening: true, emit })
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => end(node, EXIT.success))
  emit('listening', { peerId: node.peerId.toString(), addrs: addresses(node), protocols: node.getProtocols(), pid: process.pid })
  takeCommands(node, options['exit-on-eof'] === true)
}

async function dial ({ address, options, args }) {
  const actions = ['dial', ...split(options.do ?? 'ping').filter(name => name !== 'dial')]
  actions.forEach(known)
  const node = await startNode(options, { listening: false, emit })
  if (options.stdin) takeCommands(node, false)
  for (const name of actions) {
    const result = await perform(node, name, { ...args, peer: address, force: name === 'dial' && options.force === true })
    emit('result', { do: name, ...result })
    if (!result.ok) return end(node, EXIT.failed)
  }
  return end(node, EXIT.success)
}

async function genkey ({ options }) {
  const key = await loadKey(options)
  writeFileSync(options.out, privateKeyToProtobuf(key))
  emit('key', { file: options.out, type: key.type, peerId: peerIdFromPrivateKey(key).toString() })
}

/** Each command is answered when it is done, so a slow one does not hold up others. */
function takeCommands (node, stopAtEnd) {
  const lines = createInterface({ input: process.stdin })
  lines.on('close', () => { if (stopAtEnd) end(node, EXIT.success) })
  lines.on('line', async line => {
    let command
    try {
      command = JSON.parse(line)
    } catch (error) {
      return emit('reply', { ok: false, error: `not JSON: ${error.message}` })
    }
    if (command.cmd === 'stop') return end(node, EXIT.success)
    emit('reply', { id: command.id, cmd: command.cmd, ...await perform(node, command.cmd, command) })
  })
}

process.on('unhandledRejection', error => process.stderr.write(`unhandled: ${error?.stack}\n`)) // a stream's, not the node's
try {
  const commandLine = readCommandLine(process.argv.slice(2))
  await { listen, dial, genkey }[commandLine.command](commandLine)
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nusage: peer listen | dial <multiaddr> | genkey --out <file> [options]; see README.md\n`)
    process.exitCode = EXIT.usage
  } else {
    const unsupported = error instanceof UnsupportedError
    emit('fatal', { ok: false, error: error.message, ...(unsupported && { unsupported: error.what }) })
    process.exitCode = unsupported ? EXIT.unsupported : EXIT.failed
  }
}
