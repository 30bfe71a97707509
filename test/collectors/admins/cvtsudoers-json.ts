/** The comparison with cvtsudoers, which the collector makes too; see collectors/admins/cvtsudoers.ts. */
export {
  type Comparable,
  comparableOracle,
  comparableRules,
  parseOracle,
} from '../../../collectors/admins/cvtsudoers.ts';
