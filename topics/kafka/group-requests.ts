// Requests of consumer groups, the same bytes for every wire client: neither library says all of them (kafkajs knows no generation in
// a transaction), and what they must say is little. Versions are the last ones before the flexible encoding, where that is enough.
// Source: kafka.apache.org/protocol, "The Messages" (read 2026-11-21).
import { Bytes, type BytesReader } from './bytes.ts'
import type { GroupClient, GroupOffset, JoinedGroup, Partition, ProducerIdentity } from './client.ts'
import { KafkaFault } from './faults.ts'
import { byTopic } from './parts.ts'

/** One request: who is to be asked, what, and how its answer reads. */
export interface GroupRequest<T> {
  readonly doing: string
  readonly coordinator: { readonly of: 'group' | 'transaction'; readonly id: string }
  /** Its own connection where the answer may take long: others would wait behind it. */
  readonly lane: string
  readonly api: { readonly key: number; readonly version: number; readonly flexible: boolean }
  readonly body: Buffer
  read(answer: BytesReader): T
}

const protocolType = 'consumer'
const nobody = { memberId: '', generation: -1 }

/** The methods of a client, over its way of sending bytes. `nameOf` says what an error of the protocol is called. */
export function groupClient(
  send: <T>(request: GroupRequest<T>) => Promise<T>,
  nameOf: (code: number) => string,
): GroupClient {
  const check = (doing: string, code: number) => {
    if (code !== 0) throw new KafkaFault(nameOf(code), doing)
  }
  const toGroup = (group: string, lane: string) => ({ coordinator: { of: 'group', id: group } as const, lane })

  return {
    joinGroup({ group, memberId, sessionMs, rebalanceMs, protocol, metadata }) {
      const doing = `joining group ${group}`
      const body = new Bytes().string(group).int32(sessionMs).int32(rebalanceMs).string(memberId).string(null)
      body.string(protocolType).array([protocol], (to, name) => to.string(name).bytes(metadata))
      return send({
        ...{ doing, ...toGroup(group, `join ${group}`), api: { key: 11, version: 5, flexible: false } },
        body: body.done(),
        read(answer): JoinedGroup {
          answer.int32()
          const code = answer.int16()
          const generation = answer.int32()
          answer.string()
          const leader = answer.string()
          const id = answer.string()!
          const name = code === 0 ? '' : nameOf(code)
          if (name === 'MEMBER_ID_REQUIRED') return { group, memberId: id, generation: -1, members: undefined }
          check(doing, code)
          const members = answer.array((from) => {
            const memberId = from.string()!
            from.string()
            return { memberId, metadata: from.bytes() }
          })
          return { group, memberId: id, generation, members: leader === id ? members : undefined }
        },
      })
    },

    syncGroup({ group, memberId, generation }, assignments) {
      const doing = `sharing tasks in group ${group}`
      const body = new Bytes().string(group).int32(generation).string(memberId).string(null)
      body.array(assignments, (to, one) => to.string(one.memberId).bytes(one.assignment))
      return send({
        ...{ doing, ...toGroup(group, `join ${group}`), api: { key: 14, version: 3, flexible: false } },
        body: body.done(),
        read(answer) {
          answer.int32()
          check(doing, answer.int16())
          return answer.bytes()
        },
      })
    },

    heartbeat({ group, memberId, generation }) {
      const doing = `a heartbeat to group ${group}`
      return send({
        ...{ doing, ...toGroup(group, 'group'), api: { key: 12, version: 3, flexible: false } },
        body: new Bytes().string(group).int32(generation).string(memberId).string(null).done(),
        read(answer) {
          answer.int32()
          check(doing, answer.int16())
        },
      })
    },

    leaveGroup(group, memberId) {
      const doing = `leaving group ${group}`
      return send({
        ...{ doing, ...toGroup(group, 'group'), api: { key: 13, version: 3, flexible: false } },
        body: new Bytes()
          .string(group)
          .array([memberId], (to, id) => to.string(id).string(null))
          .done(),
        read(answer) {
          answer.int32()
          check(doing, answer.int16())
          answer.array((from) => {
            from.string()
            from.string()
            check(doing, from.int16())
          })
        },
      })
    },

    commitOffsets(group, offsets) {
      const doing = `committing offsets of group ${group}`
      const body = new Bytes().string(group).int32(nobody.generation).string(nobody.memberId).string(null)
      body.array(byTopic(offsets), (to, [topic, parts]) =>
        to.string(topic).array(parts, (to, { partition, offset }) => {
          to.int32(partition).int64(BigInt(offset)).int32(-1).string('')
        }),
      )
      return send({
        ...{ doing, ...toGroup(group, 'group'), api: { key: 8, version: 7, flexible: false } },
        body: body.done(),
        read(answer) {
          answer.int32()
          answer.array((from) => {
            from.string()
            from.array((from) => {
              from.int32()
              check(doing, from.int16())
            })
          })
        },
      })
    },

    fetchOffsets(group) {
      const doing = `reading offsets of group ${group}`
      return send({
        ...{ doing, ...toGroup(group, 'group'), api: { key: 9, version: 5, flexible: false } },
        // A null array: all that the group has.
        body: new Bytes().string(group).int32(-1).done(),
        read(answer): readonly GroupOffset[] {
          answer.int32()
          const found = answer.array((from) => {
            const topic = from.string()!
            return from.array((from) => {
              const one = { topic, partition: from.int32(), offset: Number(from.int64()) }
              from.int32()
              from.string()
              check(doing, from.int16())
              return one
            })
          })
          check(doing, answer.int16())
          return found.flat().filter(({ offset }) => offset >= 0)
        },
      })
    },

    membersOf(group) {
      const doing = `asking for the members of group ${group}`
      return send({
        ...{ doing, ...toGroup(group, 'group'), api: { key: 15, version: 4, flexible: false } },
        body: new Bytes()
          .array([group], (to, name) => to.string(name))
          .raw(Buffer.from([0]))
          .done(),
        read(answer) {
          answer.int32()
          const [members] = answer.array((from) => {
            check(doing, from.int16())
            for (let i = 0; i < 4; i++) from.string()
            return from.array((from) => {
              const memberId = from.string()!
              for (let i = 0; i < 3; i++) from.string()
              from.bytes()
              from.bytes()
              return memberId
            })
          })
          return members ?? []
        },
      })
    },

    async deleteGroup(group) {
      const doing = `deleting group ${group}`
      try {
        await send({
          ...{ doing, ...toGroup(group, 'group'), api: { key: 42, version: 1, flexible: false } },
          body: new Bytes().array([group], (to, name) => to.string(name)).done(),
          read(answer) {
            answer.int32()
            answer.array((from) => {
              from.string()
              check(doing, from.int16())
            })
          },
        })
      } catch (error) {
        if (!(error instanceof KafkaFault) || error.id !== 'GROUP_ID_NOT_FOUND') throw error
      }
    },

    addGroup({ transactionalId, producerId, epoch }: ProducerIdentity, group) {
      const doing = `adding group ${group} to a transaction`
      return send({
        ...{ doing, coordinator: { of: 'transaction', id: transactionalId }, lane: 'produce' },
        api: { key: 25, version: 2, flexible: false },
        body: new Bytes().string(transactionalId).int64(producerId).int16(epoch).string(group).done(),
        read(answer) {
          answer.int32()
          check(doing, answer.int16())
        },
      })
    },

    commitGroup({ transactionalId, producerId, epoch }, { group, memberId, generation }, offsets) {
      const doing = `committing offsets of group ${group} in a transaction`
      const body = new Bytes().compactString(transactionalId).compactString(group).int64(producerId).int16(epoch)
      body.int32(generation).compactString(memberId).compactString(null)
      body.compactArray(byTopic(offsets), (to, [topic, parts]) => {
        to.compactString(topic)
          .compactArray(parts, (to, { partition, offset }: Partition & { readonly offset: number }) => {
            to.int32(partition).int64(BigInt(offset)).int32(-1).compactString('').tags()
          })
          .tags()
      })
      return send({
        ...{ doing, ...toGroup(group, 'group'), api: { key: 28, version: 3, flexible: true } },
        body: body.tags().done(),
        read(answer) {
          answer.int32()
          answer.compactArray((from) => {
            from.compactString()
            from.compactArray((from) => {
              from.int32()
              check(doing, from.int16())
              from.tags()
            })
            from.tags()
          })
        },
      })
    },
  }
}

/**
 * Initialises a transactional id; with `last` only when nobody else has initialised it since (KIP-360).
 */
export function initProducerRequest(id: string, timeoutMs: number, last: ProducerIdentity | undefined) {
  const body = new Bytes().compactString(id).int32(timeoutMs)
  body.int64(last?.producerId ?? -1n).int16(last?.epoch ?? -1)
  return {
    ...{ doing: 'initialise a producer', coordinator: { of: 'transaction', id } as const, lane: 'produce' },
    api: { key: 22, version: 4, flexible: true },
    body: body.tags().done(),
    read(answer: BytesReader): { code: number; identity: ProducerIdentity } {
      answer.int32()
      const code = answer.int16()
      return { code, identity: { transactionalId: id, producerId: answer.int64(), epoch: answer.int16() } }
    },
  }
}
