// One list of error codes for the whole product (DESIGN §8): codes are added, never reused.

/** What each code means; the message says what was seen, `fix` what mends it. */
export const errorCodes = {
  ACCESS_DENIED: 'a service refuses the user, the password, or what the user asks for',
  ACCOUNT_OVERFLOW: 'an amount of money does not fit 64 bits of 10⁻⁸',
  CERTIFICATE_UNTRUSTED: 'a service shows a certificate that is not trusted',
  CONFIG_INVALID: 'a config file or an option has a wrong key or value',
  DISK_FULL: 'the disk has no room for what was to be written',
  FILE_BINARY: 'the file is not text of the kind asked for',
  FILE_CORRUPT: 'the file is damaged',
  FILE_EXISTS: 'a file or folder is there that nothing is to be written over',
  FILE_MISSING: 'there is no such file',
  FILE_TRUNCATED: 'the file ends in the middle',
  FOLDER_READ_ONLY: 'the folder cannot be written to',
  FORMAT_VERSION: 'the folder was written by another version of the format',
  HISTORY_EXPIRED: 'rows that are needed were deleted by retention',
  INTERRUPTED: 'stopped by a person',
  IO_FAILED: 'the operating system refused to read or write',
  IS_MIRROR: 'the market topics are a copy: rows come to them from their source alone',
  LEASE_HELD: 'another process is writing this run',
  LOG_CORRUPT: 'a part of the topic log does not match its checksum',
  MESSAGE_UNKNOWN: 'a message of a shape that no document or capture shows',
  MESSAGE_UNREADABLE: 'a message that lacks a number or is not the format it says it is',
  MIRROR_DIFFERS: 'the target of a mirror holds other rows under that name',
  NATIVE_MISSING: 'the native addon is not built',
  NO_DATA: 'nothing is there for what was asked',
  NOT_DETERMINISTIC: 'a step computed again gave other bytes',
  PORT_TAKEN: 'another process listens on the port',
  PROGRAM_MISSING: 'a program that is needed is not on this machine',
  RECORD_INVALID: 'a record does not fit its schema',
  RECORD_TOO_BIG: 'a record is larger than a batch may be',
  RUN_EXISTS: 'a run of that name exists with another config',
  RUN_MISSING: 'there is no such run',
  SCHEMA_INCOMPATIBLE: 'a schema cannot read what an older one wrote',
  SERVICE_FAILED: 'a service did not start',
  SERVICE_LOST: 'a service does not answer',
  STRATEGY_FAILED: 'a strategy threw an error',
  SWEEP_DIFFERS: 'a trial that was computed over columns is not what the event-driven graph says',
  TAKEN_OVER: 'a newer version of the program has taken the work over',
  TLS_MISMATCH: 'one side speaks TLS and the other does not',
  TOPIC_MISSING: 'there is no such topic',
  UNKNOWN_NAME: 'a name that is not in the list',
  USAGE: 'a command was called in a wrong way',
  VALUE_IMPOSSIBLE: 'a value that the market cannot have',
  VERDICT_RED: 'validation says that a strategy owes what it made to luck',
  VERSION_MISMATCH: 'the run was made by other code or another config',
} as const

export type ErrorCode = keyof typeof errorCodes

/** A fault of the world (file, socket, message, argument), as opposed to a bug, which is an assertion. */
export class SmartspeedError extends Error {
  override readonly name = 'SmartspeedError'
  readonly code: ErrorCode
  /** The command or the change that mends it. */
  readonly fix: string | undefined
  /** The bytes that caused it, for the dead-letter topic. */
  readonly bytes: Uint8Array | undefined
  /** The keys that lead to the value of a config that is wrong: whoever has the file says its line. */
  readonly at: readonly string[] | undefined

  constructor(
    code: ErrorCode,
    message: string,
    more: { cause?: unknown; fix?: string; bytes?: Uint8Array; at?: readonly string[] } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.fix = more.fix
    this.bytes = more.bytes
    this.at = more.at
  }
}

/** An UNKNOWN_NAME error that lists what is allowed and says which name is nearest to the one seen. */
export function unknownName(
  kind: string,
  seen: string,
  allowed: readonly string[],
  at?: readonly string[],
): SmartspeedError {
  const near = nearest(seen, allowed)
  const list = allowed.length > 24 ? `${allowed.slice(0, 24).join(', ')}, …` : allowed.join(', ')
  return new SmartspeedError('UNKNOWN_NAME', `unknown ${kind} "${seen}"; allowed: ${list}`, {
    fix: near === undefined ? `choose one of the names above` : `did you mean "${near}"?`,
    ...(at === undefined ? {} : { at }),
  })
}

/** The one of a list that has a name. @throws SmartspeedError UNKNOWN_NAME as `unknownName` */
export function namedIn<T extends { readonly name: string }>(
  list: readonly T[],
  { kind, name, at }: { readonly kind: string; readonly name: string; readonly at?: readonly string[] },
): T {
  const found = list.find((one) => one.name === name)
  if (found !== undefined) return found
  throw unknownName(
    kind,
    name,
    list.map((one) => one.name),
    at,
  )
}

/** The allowed name with the fewest single-letter changes from `seen`; undefined when there is none in the list. */
export function nearest(seen: string, allowed: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const name of allowed) {
    const distance = editDistance(seen.toLowerCase(), name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
