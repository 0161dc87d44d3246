// The command line of the peer contract: what this peer can do, and what it must refuse by name.
import { parseArgs } from 'node:util'

/** Wrong usage: exit code 2. */
export class UsageError extends Error {}

/** The contract knows it, this peer does not: exit code 3, so that "cannot" is not taken for "failed". */
export class UnsupportedError extends Error {
  constructor (what) {
    super(`unsupported: ${what}`)
    this.what = what
  }
}

const TEXTS = ['transport', 'security', 'muxer', 'protocols', 'key-type', 'key', 'ip', 'port', 'do', 'out', 'agent']
const LISTS = ['listen', 'handle']
const FLAGS = ['exit-on-eof', 'stdin', 'force', 'reset', 'no-close']
/** Options that go to actions as they are; over stdin they are fields of the command. */
const ARGUMENTS = ['timeout', 'count', 'size', 'data', 'hex', 'protocol', 'upload', 'download', 'ms']
const REFUSED_TEXTS = [
  'psk', 'seed', 'rsa-bits', 'tls-cert', 'tls-key', 'announce', 'relay', 'relay-max', 'relay-seconds', 'relay-bytes', 'fetch', 'kad-mode',
  'kad-protocol', 'kad-namespace', 'topic', 'sign', 'gossipsub', 'key-name', 'value', 'cid', 'target', 'wait', 'subscribers', 'linger', 'ask',
  'code', 'duration', 'seconds', 'parallel'
]
const REFUSED_FLAGS = ['relay-unlimited', 'monitor', 'no-wait', 'public', 'private']

const CHOICES = {
  transport: ['tcp'],
  security: ['noise', 'tls'],
  muxer: ['yamux'],
  'key-type': ['ed25519', 'rsa', 'secp256k1'],
  protocols: ['identify', 'ping', 'echo', 'perf']
}

const all = (names, spec) => Object.fromEntries(names.map(name => [name, spec]))
export const split = text => (text ?? '').split(',').map(item => item.trim()).filter(item => item !== '')

export function readCommandLine (argv) {
  const parsed = parse(argv)
  const [command, address, ...rest] = parsed.positionals
  if (!['listen', 'dial', 'genkey'].includes(command)) throw new UsageError(command ? `no command ${command}` : 'no command')
  if (rest.length > 0 || (command === 'dial') !== (address !== undefined)) throw new UsageError(`${command} takes ${command === 'dial' ? 'one address' : 'no argument'}`)
  if (command === 'genkey' && parsed.values.out === undefined) throw new UsageError('genkey needs --out')
  if (!/^\d{1,5}$/.test(parsed.values.port ?? '0')) throw new UsageError(`no port: ${parsed.values.port}`)
  refuse(parsed.values)
  return { command, address, options: parsed.values, args: Object.fromEntries(pick(parsed.values)) }
}

function parse (argv) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        ...all([...TEXTS, ...ARGUMENTS, ...REFUSED_TEXTS], { type: 'string' }),
        ...all(LISTS, { type: 'string', multiple: true }),
        ...all([...FLAGS, ...REFUSED_FLAGS], { type: 'boolean' })
      }
    })
  } catch (error) {
    throw new UsageError(error.message)
  }
}

function refuse (values) {
  for (const name of [...REFUSED_TEXTS, ...REFUSED_FLAGS]) {
    if (values[name] !== undefined) throw new UnsupportedError(`--${name}`)
  }
  for (const [option, choices] of Object.entries(CHOICES)) {
    for (const chosen of split(values[option])) {
      if (!choices.includes(chosen)) throw new UnsupportedError(`${option} ${chosen}`)
    }
  }
}

const pick = values => [...ARGUMENTS, 'reset', 'no-close'].filter(name => values[name] !== undefined).map(name => [name, values[name]])
