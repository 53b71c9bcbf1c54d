import { protocolErrorsCodesById } from '@platformatic/kafka'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertsOf, journalEntry, journalRead, rowsRead } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { sharedServices } from '../../tests/services.ts'
import { type Faulty, faulty } from '../../tests/wire-faults.ts'
import type { TaskClaim, Topics, Writer } from '../topics.ts'
import { openKafka } from './engine.ts'
import { type FaultKind, KafkaFault, kindOf, knownFaults } from './faults.ts'

/** Codes of requests that are never sent from here: shares, streams, new groups, quotas, tokens, voters, replicas. */
const never = new Set(
  `NONE DELEGATION_TOKEN_AUTH_DISABLED DELEGATION_TOKEN_NOT_FOUND DELEGATION_TOKEN_OWNER_MISMATCH
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED DELEGATION_TOKEN_AUTHORIZATION_FAILED DELEGATION_TOKEN_EXPIRED INVALID_PRINCIPAL_TYPE
  ELECTION_NOT_NEEDED NO_REASSIGNMENT_IN_PROGRESS DUPLICATE_RESOURCE UNACCEPTABLE_CREDENTIAL INCONSISTENT_VOTER_SET
  INVALID_UPDATE_VERSION FEATURE_UPDATE_FAILED SNAPSHOT_NOT_FOUND POSITION_OUT_OF_RANGE DUPLICATE_BROKER_REGISTRATION
  INCONSISTENT_CLUSTER_ID INELIGIBLE_REPLICA FENCED_MEMBER_EPOCH UNRELEASED_INSTANCE_ID UNSUPPORTED_ASSIGNOR STALE_MEMBER_EPOCH
  MISMATCHED_ENDPOINT_TYPE UNSUPPORTED_ENDPOINT_TYPE UNKNOWN_SUBSCRIPTION_ID TELEMETRY_TOO_LARGE INVALID_REGISTRATION
  INVALID_RECORD_STATE SHARE_SESSION_NOT_FOUND INVALID_SHARE_SESSION_EPOCH FENCED_STATE_EPOCH INVALID_VOTER_KEY DUPLICATE_VOTER
  VOTER_NOT_FOUND`.split(/\s+/),
)

test('every code of the protocol that can be met has its row, and no row is of a code that is none', () => {
  const codes = Object.values(protocolErrorsCodesById as Record<number, string>)
  expect(codes.filter((name) => !never.has(name) && !knownFaults.includes(name))).toEqual([])
  expect(codes.filter((name) => never.has(name) && knownFaults.includes(name))).toEqual([])
  // Our own, and what kafkajs calls by older names.
  const others = [
    'CLIENT_CLOSED',
    'NOT_LEADER_FOR_PARTITION',
    'GROUP_LOAD_IN_PROGRESS',
    'GROUP_COORDINATOR_NOT_AVAILABLE',
  ]
  expect(knownFaults.filter((name) => !codes.includes(name) && name !== 'NOT_COORDINATOR_FOR_GROUP')).toEqual(
    expect.arrayContaining(others),
  )
})

describeWith(['kafka', 'time'], 'each code, met in a commit', () => {
  let where: { brokers: readonly string[]; registry: string }
  beforeAll(async () => {
    const { kafka, registry } = await sharedServices('kafka', 'registry')
    where = { brokers: kafka.brokers, registry: registry.url }
  }, 300_000)
  const opened: Topics[] = []
  afterAll(async () => {
    for (const one of opened) await one.close()
  })

  const requests = ['addPartitions', 'produce', 'addGroup', 'commitGroup', 'endTransaction'] as const
  type Request = (typeof requests)[number]

  /** The next such request is answered with a code, without being carried out, or after it. */
  const answerWith = (faults: Faulty, request: Request, name: string, carriedOut: boolean) => {
    let met = false
    const change =
      <A extends unknown[], R>(real: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        faults.mend()
        met = true
        if (carriedOut) await real(...args)
        throw new KafkaFault(name, request)
      }
    faults.change({ [request]: change })
    return () => met
  }

  const member = async () => {
    const faults = faulty()
    const prefix = `codes-${process.pid}-${opened.length}.`
    const topics = await openKafka({ ...where, prefix, through: faults.through, sessionMs: 30_000 })
    opened.push(topics)
    const joined = await topics.join({ run: 'r', tasks: 1, changed: async () => {} })
    const task: TaskClaim = { task: 't', partition: 0, confirm: () => joined.confirm(0) }
    return { topics, faults, open: (): Promise<Writer> => topics.writer({ run: 'r', task }) }
  }
  const step = (number: number) => ({ outputs: [alertsOf([number])], journal: journalEntry('r', 't', number) })
  const there = async (topics: Topics) => {
    const rows = await rowsRead<{ message: string }>(topics, 'r.alerts')
    return rows.map(({ row }) => Number(row.message))
  }

  test.each(['retriable', 'abortable', 'rejoin', 'unknown'] satisfies FaultKind[])(
    'that is %s leaves the step there once, and the writer goes on',
    async (kind) => {
      const { topics, faults, open } = await member()
      const writer = await open()
      let number = 0
      const names = knownFaults.filter((name) => kindOf(name) === kind)
      for (const [i, name] of names.entries()) {
        // Each code at one request, each request with some codes; an outcome that is unknown both ways.
        const at = kind === 'retriable' ? [requests[i % requests.length]!] : requests
        for (const request of at) {
          for (const carriedOut of kind === 'unknown' ? [false, true] : [false]) {
            const met = answerWith(faults, request, name, carriedOut)
            await writer.commit(step(++number))
            expect(met(), `${name} at ${request}`).toBe(true)
          }
        }
      }
      await writer.close()
      const all = Array.from({ length: number }, (_, i) => i + 1)
      expect(await there(topics)).toEqual(all)
      expect((await journalRead(topics, 'r', 't')).map(({ step }) => step)).toEqual(all)
    },
    300_000,
  )

  test('that is fenced ends the writer, and the next one of that task goes on', async () => {
    const { topics, faults, open } = await member()
    let number = 0
    for (const name of knownFaults.filter((name) => kindOf(name) === 'fenced')) {
      for (const request of requests) {
        const writer = await open()
        answerWith(faults, request, name, false)
        await expect(writer.commit(step(number + 1))).rejects.toMatchObject({ code: 'LEASE_HELD' })
        await expect(writer.commit(step(number + 1))).rejects.toMatchObject({ code: 'LEASE_HELD' })
        await writer.close()
        const next = await open()
        await next.commit(step(++number))
        await next.close()
      }
    }
    expect(await there(topics)).toEqual(Array.from({ length: number }, (_, i) => i + 1))
  }, 300_000)

  test('that is fatal is thrown and nothing of the step is there, and the writer goes on', async () => {
    const { topics, faults, open } = await member()
    const writer = await open()
    let number = 0
    for (const [i, name] of knownFaults.filter((name) => kindOf(name) === 'fatal').entries()) {
      answerWith(faults, requests[i % requests.length]!, name, false)
      await expect(writer.commit(step(1_000 + i)), name).rejects.toMatchObject({ name: 'SmartspeedError' })
      await writer.commit(step(++number))
    }
    await writer.close()
    expect(await there(topics)).toEqual(Array.from({ length: number }, (_, i) => i + 1))
  }, 300_000)
})
