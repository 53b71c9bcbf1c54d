// The thread that kills its process: woken by the main thread, it counts microseconds while that one works on, also where
// that one is in the middle of a native call.
import { workerData } from 'node:worker_threads'

const { woken, afterUs } = workerData as { woken: Int32Array; afterUs: number }
Atomics.wait(woken, 0, 0)
const due = performance.now() + afterUs / 1000
while (performance.now() < due);
process.kill(process.pid, 'SIGKILL')
