/** Lines for whoever keeps a service's log: the journal with its levels, anybody else without. */
import type { Io } from './io.ts';
import { forTerminal } from './render/escape.ts';

/** As syslog(3) counts. */
const levels = { error: 3, warning: 4, info: 6 } as const;
export type Level = keyof typeof levels;
export type ServiceLog = (level: Level, text: string) => void;

/**
 * One line each, to standard error. Where that is the journal (JOURNAL_STREAM, systemd.exec(5)) the level stands before
 * it as sd-daemon(3) has it, so that `journalctl -p warning` finds what matters; the Windows service asks for the same by
 * AFFIANT_LOG_LEVELS and gives each level its place in the event log.
 */
export function serviceLog(io: Io): ServiceLog {
  const journal = (io.environment['JOURNAL_STREAM'] ?? '') !== '' || io.environment['AFFIANT_LOG_LEVELS'] === '1';
  return (level, text) => {
    for (const line of text.split('\n').filter((each) => each !== ''))
      io.err(`${journal ? `<${levels[level]}>` : level === 'info' ? '' : `${level}: `}${forTerminal(line)}\n`);
  };
}
