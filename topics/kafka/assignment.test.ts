import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Applicant,
  assign,
  packApplication,
  packAssignment,
  unpackApplication,
  unpackAssignment,
} from './assignment.ts'

/** Members that come and go, each with a rank; generations are worked out until nothing moves. */
const history = fc.array(
  fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), rank: fc.nat(1) }), {
    minLength: 1,
    maxLength: 5,
  }),
  { minLength: 1, maxLength: 6 },
)

interface Owning {
  readonly rank: number
  owned: readonly number[]
}

test('tasks are shared equally among the highest rank, each owned by one, and they come to rest', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 13 }), (steps, count) => {
      let generation = 0
      let before = new Map<string, Owning>()
      for (const step of steps) {
        // Who is not named has died; who is keeps what it had, unless its rank is another: then it is a new process.
        const members = new Map<string, Owning>()
        for (const { name, rank } of step) {
          const known = before.get(`${name}${rank}`)
          members.set(`${name}${rank}`, { rank, owned: known?.owned ?? [] })
        }
        const staying = [...members.values()].flatMap(({ owned }) => owned).length
        let moves = 0
        for (let round = 0; ; round++) {
          expect(round).toBeLessThan(4)
          generation++
          const applicants: Applicant[] = [...members].map(([memberId, { rank, owned }]) => ({
            ...{ memberId, rank, owned, tasks: count, generation: owned.length > 0 ? generation : -1 },
          }))
          const given = assign(applicants, count)
          const all = [...given.values()].flatMap(({ tasks }) => tasks)
          expect(new Set(all).size).toBe(all.length)
          let gaveUp = false
          for (const [id, member] of members) {
            const { tasks } = given.get(id)!
            // Nobody is given what another has at this moment.
            for (const [other, { owned }] of members)
              if (other !== id) expect(tasks.some((t) => owned.includes(t))).toBe(false)
            gaveUp ||= member.owned.some((task) => !tasks.includes(task))
            moves += member.owned.filter((task) => !tasks.includes(task)).length
          }
          for (const [id, member] of members) member.owned = given.get(id)!.tasks
          if (!gaveUp) break
        }
        const top = Math.max(...[...members.values()].map(({ rank }) => rank))
        const shares = [...members.values()].filter(({ rank }) => rank === top).map(({ owned }) => owned.length)
        expect(shares.reduce((sum, one) => sum + one, 0)).toBe(count)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
        expect(moves).toBeLessThanOrEqual(staying)
        before = members
      }
    }),
    { seed: 5, numRuns: 500 },
  )
})

test('a task stays where it is when it can, and moves only after it was given up', () => {
  const member = (memberId: string, owned: readonly number[], rank = 0): Applicant => ({
    ...{ memberId, owned, rank, tasks: 4, generation: owned.length > 0 ? 1 : -1 },
  })
  const tasks = (members: readonly Applicant[]) =>
    Object.fromEntries([...assign(members, 4)].map(([id, { tasks }]) => [id, tasks]))
  expect(tasks([member('a', [])])).toEqual({ a: [0, 1, 2, 3] })
  expect(tasks([member('a', [0, 1, 2, 3]), member('b', [])])).toEqual({ a: [0, 1], b: [] })
  expect(tasks([member('a', [0, 1]), member('b', [])])).toEqual({ a: [0, 1], b: [2, 3] })
  expect(tasks([member('a', [0, 1]), member('b', [2, 3]), member('c', [])])).toEqual({ a: [0, 1], b: [2], c: [] })
  expect(tasks([member('b', [2, 3])])).toEqual({ b: [0, 1, 2, 3] })
})

test('a higher rank takes all tasks, when the lower one has given them up', () => {
  const old = { memberId: 'old', owned: [0, 1], rank: 0, tasks: 2, generation: 3 }
  const young = { memberId: 'young', owned: [], rank: 1, tasks: 2, generation: -1 }
  expect(assign([old, young], 2)).toEqual(
    new Map([
      ['old', { tasks: [], rank: 1 }],
      ['young', { tasks: [], rank: 1 }],
    ]),
  )
  expect(assign([{ ...old, owned: [] }, young], 2).get('young')).toEqual({ tasks: [0, 1], rank: 1 })
})

test('of two that claim a task, who knows it of a later generation has it', () => {
  const asleep = { memberId: 'asleep', owned: [0, 1], rank: 0, tasks: 2, generation: 3 }
  const owner = { memberId: 'owner', owned: [0, 1], rank: 0, tasks: 2, generation: 5 }
  expect(assign([owner, asleep], 2).get('owner')).toEqual({ tasks: [0], rank: 0 })
  expect(assign([asleep, owner], 2).get('asleep')).toEqual({ tasks: [], rank: 0 })
})

test('what members say and are told comes back as it was', () => {
  const said = { rank: 3, tasks: 7, owned: [2, 5], generation: 9 }
  expect(unpackApplication(packApplication('tasks.r', said))).toEqual(said)
  const none = { rank: 0, tasks: 1, owned: [], generation: -1 }
  expect(unpackApplication(packApplication('tasks.r', none))).toEqual(none)
  expect(unpackAssignment(packAssignment('tasks.r', { tasks: [1, 4], rank: 2 }))).toEqual({ tasks: [1, 4], rank: 2 })
  expect(unpackAssignment(Buffer.alloc(0))).toEqual({ tasks: [], rank: 0 })
})
