// What a model of the venue takes for granted, said where the model is.

/** Every model says it of itself: a run's result and its report name it, with the file that holds it. */
export interface About {
  /** Also the name of its file. */
  readonly name: string
  /** What follows for who reads a result, in one sentence. */
  readonly meaning: string
  /** Where it comes from. */
  readonly source: string
}
