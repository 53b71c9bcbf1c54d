// What both engines say alike of tasks: where their rows go, how far they have come.
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import type { Step, TaskProgress } from './topics.ts'

/** Where the rows of a task go. */
export interface TaskPlace {
  readonly task: string
  readonly partition: number
  /** How many tasks the run has, where that is known. */
  readonly tasks: number | undefined
}

/** How many partitions a commit gives a topic that is not there. */
export function partitionsFor(at: TaskPlace | undefined): number {
  return at === undefined ? 1 : Math.max(at.partition + 1, at.tasks ?? 0)
}

/** The partition of a task's rows. @throws SmartspeedError CONFIG_INVALID when the topic has too few */
export function partitionOfTask({ task, partition }: TaskPlace, topic: string, partitions: number): number {
  if (partition < partitions) return partition
  throw new SmartspeedError(
    'CONFIG_INVALID',
    `task ${task} writes partition ${partition} of ${topic}, which has ${partitions}`,
    { fix: 'the topics of a run need as many partitions as it has tasks: begin it anew under another --name' },
  )
}

/** The step as its task's: a step that names another task is a mistake of who made it. @throws SmartspeedError USAGE */
export function stepOfTask(step: Step, { task }: TaskPlace): Step {
  const named = step.task ?? step.journal?.task ?? task
  if (named === task) return { ...step, task }
  throw new SmartspeedError('USAGE', `the writer of task ${task} was given a step of task ${named}`)
}

/** @throws SmartspeedError USAGE */
export function refuseMarket({ run, market }: { readonly run: string; readonly market?: boolean }, task: string): void {
  if (!market) return
  throw new SmartspeedError(
    'USAGE',
    `task ${task} of run ${run} cannot write market topics: they are nobody's partition`,
  )
}

/** How far a task has come by the journal entry of its step. */
export function progressOf(
  { step, received, lastReceived, positions }: JournalEntry,
  at: Pick<TaskProgress, 'task' | 'partition' | 'committedMs'>,
): TaskProgress {
  const { task, partition, committedMs } = at
  return { task, partition, step, received: lastReceived ?? received, positions, committedMs }
}

/** @throws SmartspeedError CONFIG_INVALID */
export function checkTasks(run: string, tasks: number): void {
  if (Number.isInteger(tasks) && tasks >= 1 && tasks <= 4096) return
  throw new SmartspeedError('CONFIG_INVALID', `run ${run} cannot have ${tasks} tasks; allowed: 1 to 4096`, {
    fix: 'give a number of tasks: --tasks 4',
  })
}

/** What a member hears that asks for a task which is not its own. */
export function notOwned(run: string, task: number, cause?: unknown): SmartspeedError {
  return new SmartspeedError('LEASE_HELD', `task ${task} of run ${run} belongs to another member by now`, {
    ...(cause === undefined ? {} : { cause }),
    fix: 'nothing is lost: its new owner goes on from its last commit',
  })
}
