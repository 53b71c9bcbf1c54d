// Who gets which task of a run: worked out by one member, the same whoever it is. A task stays where it is when it can; one that is to
// move is first given up by who has it, and only in the next generation given to another.
// Both texts are in the format that Kafka's own tools read ("consumer protocol", versions 2 and 1), so that they show the owners.
import { Bytes, BytesReader } from './bytes.ts'

/** What a member says when it joins. */
export interface Application {
  readonly rank: number
  /** How many tasks it believes there are. */
  readonly tasks: number
  /** What it owns, and since which generation that is known: -1 for nothing. */
  readonly owned: readonly number[]
  readonly generation: number
}

export interface Applicant extends Application {
  readonly memberId: string
}

/** What a member is told. */
export interface Assignment {
  readonly tasks: readonly number[]
  /** The highest rank there is: members of a lower one own nothing. */
  readonly rank: number
}

export function packApplication(topic: string, { rank, tasks, owned, generation }: Application): Buffer {
  return new Bytes()
    .int16(2)
    .array([topic], (to, name) => to.string(name))
    .bytes(Buffer.from(JSON.stringify({ rank, tasks })))
    .array(owned.length === 0 ? [] : [owned], (to, tasks) =>
      to.string(topic).array(tasks, (to, task) => to.int32(task)),
    )
    .int32(generation)
    .done()
}

/** What cannot be read is nobody's: a member that says nothing owns nothing. */
export function unpackApplication(bytes: Buffer): Application {
  const from = new BytesReader(bytes)
  from.int16()
  from.array((from) => from.string())
  const said = JSON.parse(from.bytes().toString()) as Pick<Application, 'rank' | 'tasks'>
  const owned = from.array((from) => {
    from.string()
    return from.array((from) => from.int32())
  })
  return { ...said, owned: owned.flat(), generation: from.int32() }
}

export function packAssignment(topic: string, { tasks, rank }: Assignment): Buffer {
  return new Bytes()
    .int16(1)
    .array(tasks.length === 0 ? [] : [tasks], (to, tasks) =>
      to.string(topic).array(tasks, (to, task) => to.int32(task)),
    )
    .bytes(Buffer.from(JSON.stringify({ rank })))
    .done()
}

export function unpackAssignment(bytes: Buffer): Assignment {
  if (bytes.length === 0) return { tasks: [], rank: 0 }
  const from = new BytesReader(bytes)
  from.int16()
  const tasks = from.array((from) => {
    from.string()
    return from.array((from) => from.int32())
  })
  const { rank } = JSON.parse(from.bytes().toString()) as { rank: number }
  return { tasks: tasks.flat().sort((a, b) => a - b), rank }
}

/** The tasks 0…count-1, shared among the members of the highest rank. */
export function assign(members: readonly Applicant[], count: number): ReadonlyMap<string, Assignment> {
  const rank = Math.max(...members.map(({ rank }) => rank))
  const owners = ownersOf(members, count)
  const target = targetOf(
    members.filter((member) => member.rank === rank).map(({ memberId }) => memberId),
    owners,
    count,
  )
  return new Map(
    members.map(({ memberId }) => {
      const given = (target.get(memberId) ?? []).filter((task) => (owners.get(task) ?? memberId) === memberId)
      return [memberId, { tasks: given.sort((a, b) => a - b), rank }]
    }),
  )
}

/** Who owns each task now. A claim of an older generation is one that its member has lost without knowing. */
function ownersOf(members: readonly Applicant[], count: number): Map<number, string> {
  const owners = new Map<number, string>()
  for (const { memberId, owned } of [...members].sort((a, b) => a.generation - b.generation)) {
    for (const task of owned) if (task < count) owners.set(task, memberId)
  }
  return owners
}

/** Equal shares, as many as possible where they are. */
function targetOf(ids: readonly string[], owners: ReadonlyMap<number, string>, count: number): Map<string, number[]> {
  const kept = new Map<string, number[]>(ids.map((id) => [id, []]))
  for (const [task, id] of [...owners].sort(([a], [b]) => a - b)) kept.get(id)?.push(task)
  const size = (id: string) => kept.get(id)!.length
  // Who has most may keep one more, where the tasks cannot be shared out equally.
  const order = [...ids].sort((a, b) => size(b) - size(a) || (a < b ? -1 : 1))
  const least = Math.floor(count / order.length)
  const more = count % order.length
  const quota = new Map(order.map((id, i) => [id, i < more ? least + 1 : least]))
  for (const id of order) kept.get(id)!.splice(quota.get(id)!)
  const placed = new Set([...kept.values()].flat())
  const free = Array.from({ length: count }, (_, task) => task).filter((task) => !placed.has(task))
  for (const id of order) kept.get(id)!.push(...free.splice(0, quota.get(id)! - size(id)))
  return kept
}
