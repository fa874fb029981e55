/** Exit codes are the interface of scripts: they never change their meaning. */
export const EXIT: { readonly admitted: 0; readonly denied: 1; readonly inconclusive: 2; readonly usage: 64 } = {
  admitted: 0,
  denied: 1,
  inconclusive: 2,
  /** `EX_USAGE`: the command line, a policy or a resource cannot be understood. */
  usage: 64,
}
