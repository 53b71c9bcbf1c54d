// Properties draw the same examples in every run; SMARTSPEED_SEED=n draws others. A failure prints its own seed.
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.SMARTSPEED_SEED ?? 1) })
