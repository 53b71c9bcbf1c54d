// One run under fire: its members are killed, put to sleep and started again, their connections fail, the broker dies and comes back,
// all by a seed; until each member has ended by itself.
import { setTimeout as sleep } from 'node:timers/promises'
import { random } from '../../operators/random.ts'
import { drawFate, drawWeather, type Fate, type FateOptions, type Moment } from './fault-fates.ts'
import type { FaultProxy } from './fault-proxy.ts'
import type { FaultyKafka } from './faulty-kafka.ts'
import type { Frame } from './kafka-frames.ts'
import { type Ended, endMembers, type Member, startMember } from './processes.ts'

export interface RoundOptions extends FateOptions {
  readonly kafka: FaultyKafka
  readonly seed: string
  /** The command line of a member, without where its broker is. */
  readonly args: readonly string[]
  /** How many processes there are at a time: one for each way to the broker. */
  readonly members: number
  /** So many lives of each member are ended; the next one may end by itself. */
  readonly doomed: number
  readonly brokerKills: number
  /** Share of the connections that fail. */
  readonly weather: number
  /** Ends the round, and its members. */
  readonly signal: AbortSignal
}

/** What was done. */
export interface Toll {
  kills: number
  /** Of the kills, while a transaction was under way. */
  insideCommits: number
  pauses: number
  brokerRestarts: number
  /** By what was done to connections. */
  readonly connections: Record<string, number>
  /** Members that ended with an error which says that they may be started again. */
  gaveUp: Record<string, number>
}

/** Errors that a supervisor answers by starting the process again: nothing of it is lost, and nothing wrong is written. */
const mayStartAgain = /\b(SERVICE_LOST|LEASE_HELD)\b/

/** @throws Error when a member ends in any other way than by itself, by a signal of ours, or to be started again */
export async function faultRound(options: RoundOptions): Promise<Toll> {
  const toll: Toll = { kills: 0, insideCommits: 0, pauses: 0, brokerRestarts: 0, connections: {}, gaveUp: {} }
  const over = new AbortController()
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  signal.addEventListener('abort', () => void endMembers())
  for (const { proxy } of options.kafka.ways) proxy.done.clear()
  const members = Array.from({ length: options.members }, (_, slot) => liveOn({ ...options, signal }, slot, toll))
  // One that ends wrongly ends the round: the others would work on.
  for (const member of members) member.catch(() => stop.abort())
  const broker = breakBroker(options, toll, AbortSignal.any([signal, over.signal]))
  const results = await Promise.allSettled(members)
  over.abort()
  await broker
  for (const { proxy } of options.kafka.ways) {
    for (const [kind, count] of proxy.done) toll.connections[kind] = (toll.connections[kind] ?? 0) + count
  }
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return toll
}

/** One member, and those that follow it when it has died. */
async function liveOn(options: RoundOptions, slot: number, toll: Toll): Promise<void> {
  const { kafka, seed, args, doomed, signal } = options
  const { brokers, proxy } = kafka.ways[slot]!
  const where = ['--engine', 'kafka', '--brokers', brokers.join(), '--registry', kafka.registry]
  for (let life = 1, quit = 0; !signal.aborted; life++) {
    const own = `${seed}/member ${slot}/life ${life}`
    const fate = life <= doomed ? drawFate(own, options) : {}
    const member = startMember([...args, ...where])
    const clear = arrange(member, proxy, { fate, weather: drawWeather(own, options.weather), toll })
    const end = await member.ended
    clear()
    if (end.signal === 'SIGKILL') continue
    if (end.code === 0) return
    const [code] = mayStartAgain.exec(end.said) ?? []
    if (code === undefined || ++quit > 20) throw new Error(`member ${slot} ended with ${say(end)}`)
    toll.gaveUp[code] = (toll.gaveUp[code] ?? 0) + 1
  }
}

function say({ code, signal, said, out }: Ended): string {
  return `${signal ?? `exit ${code}`}: ${said.slice(-3000)}${out.slice(-1000)}`
}

/** Lets a member meet its fate. What it gives ends what is still to come. */
function arrange(
  member: Member,
  proxy: FaultProxy,
  { fate, weather, toll }: { fate: Fate; weather: (frame: Frame) => ReturnType<typeof proxy.decide & {}>; toll: Toll },
): () => void {
  const timers: NodeJS.Timeout[] = []
  let inside = false
  const acts: { at: Moment; seen: number; act: (inside: boolean) => void }[] = []
  if (fate.kill !== undefined) {
    acts.push({
      at: fate.kill,
      seen: 0,
      act(inside) {
        toll.kills++
        if (inside) toll.insideCommits++
        member.signal('SIGKILL')
      },
    })
  }
  if (fate.pause !== undefined) {
    const { at, forMs } = fate.pause
    acts.push({
      at,
      seen: 0,
      act() {
        toll.pauses++
        member.signal('SIGSTOP')
        timers.push(setTimeout(() => member.signal('SIGCONT'), forMs))
      },
    })
  }
  for (const { at, act } of acts) if ('afterMs' in at) timers.push(setTimeout(() => act(inside), at.afterMs))
  proxy.decide = (frame) => {
    if (frame.api === 'AddPartitionsToTxn' && frame.way === 'request') inside = true
    for (const one of acts) {
      const { at } = one
      if ('afterMs' in at || at.api !== frame.api || at.way !== frame.way || ++one.seen !== at.nth) continue
      one.act(inside)
      if (!at.arrives) return { do: 'swallow' }
    }
    if (frame.api === 'EndTxn' && frame.way === 'answer') inside = false
    return weather(frame)
  }
  return () => {
    for (const timer of timers) clearTimeout(timer)
    proxy.decide = undefined
  }
}

/** Kills the broker and starts it again, until it was done often enough or the members have ended. */
async function breakBroker(
  { kafka, seed, brokerKills, wholeMs }: RoundOptions,
  toll: Toll,
  signal: AbortSignal,
): Promise<void> {
  const dice = random(`${seed}/broker`)
  for (let n = 0; n < brokerKills; n++) {
    const [upMs, downMs] = [(0.5 + dice.next()) * wholeMs, dice.next() * 2000]
    await sleep(upMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    await kafka.kill()
    await sleep(downMs)
    await kafka.restart()
    toll.brokerRestarts++
  }
}
