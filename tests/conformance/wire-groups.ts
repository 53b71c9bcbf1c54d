// What every wire client of Kafka promises of consumer groups, on a real broker.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packApplication, unpackApplication } from '../../topics/kafka/assignment.ts'
import type { GroupMember, JoinedGroup, WireClient } from '../../topics/kafka/client.ts'
import { isFault, type KafkaFault } from '../../topics/kafka/faults.ts'
import { again } from '../../topics/kafka/producer.ts'

let made = 0

export function wireGroups(name: string, open: () => WireClient): void {
  describe(`groups by the wire client ${name}`, () => {
    let client: WireClient
    let other: WireClient
    let group: string
    beforeEach(() => {
      client = open()
      other = open()
      group = `wire-group-${name}-${process.pid}-${made++}`
    })
    afterEach(async () => {
      await client.close()
      await other.close()
    })

    /** Members tell themselves apart by their ranks: what they say must be in the format that the broker reads as well. */
    const rankOf = (metadata: Buffer) => unpackApplication(metadata).rank
    const join = async (by: WireClient, memberId: string, rank: number): Promise<JoinedGroup> => {
      const metadata = packApplication('tasks', { rank, tasks: 1, owned: [], generation: -1 })
      const request = { group, memberId, sessionMs: 20_000, rebalanceMs: 20_000, protocol: 'test', metadata }
      const joined = await again(() => by.joinGroup(request))
      return joined.generation < 0 ? join(by, joined.memberId, rank) : joined
    }
    const faultOf = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (error: KafkaFault) => [error.id, error.kind],
      )
    /** The one member of a group of its own. */
    const alone = async (): Promise<GroupMember> => {
      const joined = await join(client, '', 1)
      expect(joined.members).toHaveLength(1)
      await client.syncGroup(joined, [{ memberId: joined.memberId, assignment: Buffer.from('all') }])
      return joined
    }

    test('share out among those who are there, and say so when that changes', async () => {
      const first = await join(client, '', 1)
      expect(first.members!.map(({ metadata }) => rankOf(metadata))).toEqual([1])
      const all = [{ memberId: first.memberId, assignment: Buffer.from('everything') }]
      expect(String(await client.syncGroup(first, all))).toBe('everything')
      await client.heartbeat(first)
      const joining = join(other, '', 2)
      await expect.poll(() => faultOf(client.heartbeat(first))).toEqual(['REBALANCE_IN_PROGRESS', 'rejoin'])
      const [again, second] = await Promise.all([join(client, first.memberId, 1), joining])
      expect(again.generation).toBe(second.generation)
      expect(again.memberId).toBe(first.memberId)
      const leads = again.members === undefined ? second : again
      expect(leads.members!.map(({ metadata }) => rankOf(metadata)).sort()).toEqual([1, 2])
      const shares = leads.members!.map(({ memberId, metadata }) => ({
        memberId,
        assignment: Buffer.from(`part ${rankOf(metadata)}`),
      }))
      const parts = await Promise.all([
        client.syncGroup(again, leads === again ? shares : []),
        other.syncGroup(second, leads === second ? shares : []),
      ])
      expect(parts.map(String)).toEqual(['part 1', 'part 2'])
      expect([...(await client.membersOf(group))].sort()).toEqual([again.memberId, second.memberId].sort())
      await client.leaveGroup(group, again.memberId)
      expect(await faultOf(client.heartbeat(again))).toEqual(['UNKNOWN_MEMBER_ID', 'rejoin'])
      await other.leaveGroup(group, second.memberId)
      expect(await client.membersOf(group)).toEqual([])
    })

    test('keep offsets, until they are deleted', async () => {
      const topic = `${group}-topic`
      await client.createTopics([{ topic, partitions: 2, configs: {} }])
      const offsets = [0, 1].map((partition) => ({ topic, partition, offset: 7 + partition }))
      await again(() => client.commitOffsets(group, offsets))
      expect([...(await client.fetchOffsets(group))].sort((a, b) => a.partition - b.partition)).toEqual(offsets)
      await client.deleteGroup(group)
      await client.deleteGroup(group)
      expect(await client.fetchOffsets(group)).toEqual([])
      expect(await client.membersOf(group)).toEqual([])
      await client.deleteTopics([topic])
    })

    test('T4: take offsets in a transaction of their generation alone, and with it', async () => {
      const topic = `${group}-tasks`
      await client.createTopics([{ topic, partitions: 1, configs: {} }])
      const member = await alone()
      const commit = async (by: GroupMember, offset: number, end: boolean) => {
        const producer = await again(() => client.initProducer(group, 10_000))
        await again(() => client.addGroup(producer, group))
        const done = again(() => client.commitGroup(producer, by, [{ topic, partition: 0, offset }]))
        const fault = await faultOf(done)
        await again(() => client.endTransaction(producer, end && fault === undefined))
        return fault
      }
      const committed = () => client.fetchOffsets(group)
      expect(await commit(member, 3, true)).toBeUndefined()
      await expect.poll(committed).toEqual([{ topic, partition: 0, offset: 3 }])
      expect(await commit(member, 4, false)).toBeUndefined()
      const old = { ...member, generation: member.generation - 1 }
      expect(await commit(old, 5, true)).toEqual(['ILLEGAL_GENERATION', 'rejoin'])
      const stranger = { ...member, memberId: 'nobody' }
      expect(await commit(stranger, 6, true)).toEqual(['UNKNOWN_MEMBER_ID', 'rejoin'])
      expect(await committed()).toEqual([{ topic, partition: 0, offset: 3 }])
      await client.leaveGroup(group, member.memberId)
      await client.deleteTopics([topic])
    })

    test('T2: a transactional id is given back after an unknown outcome, unless somebody else has taken it', async () => {
      const first = await again(() => client.initProducer(group, 10_000))
      const second = await again(() => client.initProducer(group, 10_000, first))
      expect([second.producerId, second.epoch]).toEqual([first.producerId, first.epoch + 1])
      await again(() => other.initProducer(group, 10_000))
      const fenced = again(() => client.initProducer(group, 10_000, second))
      expect(isFault(await fenced.catch((error: unknown) => error), 'fenced')).toBe(true)
    })
  })
}
