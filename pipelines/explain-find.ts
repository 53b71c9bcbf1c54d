// The stored rows of one order: found by its name in the topics of its run.
import { isEnd } from '../operators/signal-desk.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { textAt, wordAt } from '../schemas/columns.ts'
import { SmartspeedError, unknownName } from '../schemas/errors.ts'
import type { Execution, Order, RecordName, RiskEvent, Rows, Signal } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'

/** Everything that a run wrote down of one signal and of the order that it became. */
export interface Found {
  readonly signal: Signal
  /** Absent for a signal that became none. */
  readonly order?: Order
  /** What risk and sizing said of the signal beside the order's own verdicts. */
  readonly events: readonly RiskEvent[]
  /** Requests to take the order back or to change it. */
  readonly cancels: readonly Order[]
  readonly executions: readonly Execution[]
}

/** Which of one account's strategies: signals are counted by each. */
interface SignalName {
  readonly account: string | undefined
  readonly number: number
}

/**
 * The rows of an order by its client id or the end of it (`sma-cross.main.7`, `main.7`, `7`), or of a signal by its number
 * (`signal:12`, `signal:main.12` where several accounts trade).
 *
 * Errors: NO_DATA with the nearest name for what is not there, UNKNOWN_NAME for what could be several.
 */
export async function findOrder(topics: Topics, run: string, what: string): Promise<Found> {
  const signalName = /^signal:(?:(.*)\.)?(\d+)$/.exec(what)
  if (signalName !== null) return ofSignal(topics, run, { account: signalName[1], number: Number(signalName[2]) })
  const order = await orderNamed(topics, run, what)
  return whole(topics, run, await signalOf(topics, run, order), order)
}

async function ofSignal(topics: Topics, run: string, { account, number }: SignalName): Promise<Found> {
  const found: Signal[] = []
  const accounts = new Set<string>()
  let last = 0
  for await (const { columns, row, read } of rowsIn(topics, run, 'signals')) {
    const owner = wordAt(columns.account, row)!
    accounts.add(owner)
    if (account !== undefined && owner !== account) continue
    last = Math.max(last, columns.number[row]!)
    if (columns.number[row] === number) found.push(read())
  }
  const [signal, other] = found
  if (signal === undefined) {
    if (account !== undefined && accounts.size > 0 && !accounts.has(account)) {
      throw unknownName(`account of run ${run}`, account, [...accounts].sort())
    }
    const who = account === undefined ? '' : ` of account ${account}`
    const name = account === undefined ? `signal:${last}` : `signal:${account}.${last}`
    throw new SmartspeedError('NO_DATA', `run ${run} has no signal ${number}${who}`, {
      fix: last === 0 ? 'its strategy gave none' : `there are signals 1 to ${last}: smartspeed explain ${run} ${name}`,
    })
  }
  if (other !== undefined)
    throw several(
      run,
      'signal',
      String(number),
      found.map((one) => `signal:${one.account}.${number}`),
    )
  return whole(topics, run, signal, await orderOf(topics, run, signal))
}

/** Names that an error lists the nearest of. */
const manyNames = 5000

async function orderNamed(topics: Topics, run: string, name: string): Promise<Order> {
  const ending = `.${name}`
  const found: Order[] = []
  const names: string[] = []
  for await (const { columns, row, read } of rowsIn(topics, run, 'orders')) {
    if (columns.kind[row] !== 0) continue
    const id = textAt(columns.clientId, row)
    if (names.length < manyNames) names.push(id)
    if (id === name) return read()
    if (id.endsWith(ending)) found.push(read())
  }
  if (found.length === 1) return found[0]!
  if (found.length > 1)
    throw several(
      run,
      'order',
      name,
      found.map(({ clientId }) => clientId),
    )
  if (names.length === 0) {
    throw new SmartspeedError('NO_DATA', `run ${run} sent no order`, {
      fix: `what its signals came to: smartspeed explain ${run} signal:1, or smartspeed cat risk-events --run ${run}`,
    })
  }
  const { message, fix } = unknownName('order', name, names)
  throw new SmartspeedError('NO_DATA', `run ${run} has no such order: ${message}`, {
    fix: `${fix} All of them: smartspeed cat orders --run ${run}`,
  })
}

function several(run: string, what: string, name: string, names: readonly string[]): SmartspeedError {
  return new SmartspeedError('UNKNOWN_NAME', `${what} ${name} could be any of ${names.join(', ')}`, {
    fix: `say which: smartspeed explain ${run} ${names[0]}`,
  })
}

async function signalOf(topics: Topics, run: string, order: Order): Promise<Signal> {
  const { received, account, strategy, signal, clientId } = order
  if (signal === 0) {
    throw new SmartspeedError('NO_DATA', `order ${clientId} came of no signal: risk itself wrote it, in an emergency`, {
      fix: `what happened: smartspeed cat risk-events --run ${run} --from ${received} --to ${received + 1}`,
    })
  }
  // That of an order that was sent as a part of another is older than it.
  for (const from of [received, undefined]) {
    for await (const { columns, row, read } of rowsIn(topics, run, 'signals', from, received + 1)) {
      if (columns.number[row] !== signal) continue
      const found = read()
      if (found.account === account && found.strategy === strategy) return found
    }
  }
  throw new SmartspeedError('LOG_CORRUPT', `signal ${signal} of ${strategy} is not among the signals of run ${run}`, {
    fix: `smartspeed parity ${run} shows what else differs`,
  })
}

/** The first order of a signal: at its own instant, or later where it is sent in parts. */
async function orderOf(topics: Topics, run: string, { received, account, strategy, number }: Signal) {
  for await (const { columns, row, read } of rowsIn(topics, run, 'orders', received)) {
    if (columns.signal[row] !== number) continue
    const found = read()
    if (found.account === account && found.strategy === strategy) return found
  }
  return undefined
}

async function whole(topics: Topics, run: string, signal: Signal, order: Order | undefined): Promise<Found> {
  const events: RiskEvent[] = []
  const { received } = order ?? signal
  for await (const { read } of rowsIn(topics, run, 'risk-events', received, received + 1)) {
    const event = read()
    const { account, strategy, signal: number } = event
    if (account === signal.account && strategy === signal.strategy && number === signal.number) events.push(event)
  }
  // A cancel or a change has the client id of the order that it means: of that one the rest is told.
  if (order === undefined || order.kind !== 'new') {
    return { signal, ...(order === undefined ? {} : { order }), events, cancels: [], executions: [] }
  }
  const executions: Execution[] = []
  const answers: Execution[] = []
  let ended = false
  let end = Number.POSITIVE_INFINITY
  for await (const { columns, row, read } of rowsIn(topics, run, 'executions', order.received)) {
    if (textAt(columns.clientId, row) !== order.clientId) continue
    const execution = read()
    if (!ended) executions.push(execution)
    else answers.push(execution)
    if (ended || !isEnd(execution)) continue
    ended = true
    end = execution.received
    if (execution.kind === 'cancelled' || !(await wasTakenBack(topics, run, order, end))) break
  }
  const cancels: Order[] = []
  for await (const { columns, row, read } of rowsIn(topics, run, 'orders', order.received, end + 1)) {
    if (columns.kind[row] !== 0 && textAt(columns.clientId, row) === order.clientId) cancels.push(read())
  }
  return { signal, order, events, cancels, executions: [...executions, ...answers] }
}

/** True when a cancel or a change was on its way as the order ended: the venue has yet to say that it came too late. */
async function wasTakenBack(topics: Topics, run: string, { clientId, received }: Order, end: number): Promise<boolean> {
  for await (const { columns, row } of rowsIn(topics, run, 'orders', received, end + 1)) {
    if (columns.kind[row] !== 0 && textAt(columns.clientId, row) === clientId) return true
  }
  return false
}

/** Rows of an output in the order in which they were written, by receive time if asked for; none where nothing was. */
async function* rowsIn<T extends RecordName>(topics: Topics, run: string, record: T, from?: number, to?: number) {
  const name = physicalName(record, run)
  if (!(await topics.list()).some((info) => info.name === name)) return
  const range = {
    ...(from === undefined ? {} : { from: { received: from } }),
    ...(to === undefined ? {} : { to: { received: to } }),
  }
  for await (const { batch } of topics.read<T>(name, range)) {
    const read = (row: number) => (): Rows[T] => rowAt(batch, row)
    for (let row = 0; row < batch.rows; row++) yield { columns: batch.columns, row, read: read(row) }
  }
}
