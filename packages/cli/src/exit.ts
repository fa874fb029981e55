/** Exit codes are the interface of scripts: they never change their meaning. */
export const EXIT: {
  readonly admitted: 0
  readonly denied: 1
  readonly inconclusive: 2
  readonly usage: 64
  readonly unwritten: 74
} = {
  admitted: 0,
  denied: 1,
  inconclusive: 2,
  /** `EX_USAGE`: the command line, a policy or a resource cannot be understood. */
  usage: 64,
  /** `EX_IOERR`: there is an answer, and it could not be written. */
  unwritten: 74,
}

/** What a command leaves behind: data for standard output, and the exit code. */
export interface Answer {
  readonly data: string
  readonly exit: number
}
