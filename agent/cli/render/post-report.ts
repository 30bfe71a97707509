/** What became of the packs that were posted, in words. */
import type { PackReport, PostReport } from '../../post/report.ts';
import { forTerminal } from './escape.ts';
import type { Style } from './table.ts';

/** Thousands with a comma, bytes in full: the figure is compared with figures. */
export function bytesText(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} bytes`;
}

export function postLines({ packs, stopped, newLogKey, keptLogKey }: PostReport, style: Style): string[] {
  const untried = packs.filter(isUntried).length;
  const tried = packs.filter((report) => !isUntried(report));
  // A stop has the reason of the pack that it began with.
  const told = (message: string): boolean => message === stopped?.message;
  const lines = tried.map((report) => {
    const { pack, sentBytes } = report;
    const name = `${pack.name}: `;
    switch (report.fate) {
      case 'receipted':
        return `  ${forTerminal(name)}receipt verified, number ${report.logIndex} of the log${report.repeated ? ' (the endpoint had it already)' : ''}, ${bytesText(sentBytes)} sent`;
      case 'forked':
        return style.attention(
          `! ${forTerminal(name)}taken, but its place in the chain was held by ${report.existing}: this state folder has a twin (a clone or a restored snapshot); a new chain was begun`,
        );
      case 'quarantined':
        return style.attention(
          `! ${forTerminal(`${name}refused for good (${report.reason}): ${report.detail}`)}; set aside in quarantine/`,
        );
      case 'kept':
        return style.attention(
          told(report.why.message)
            ? `! ${forTerminal(name)}kept, for the reason below`
            : `! ${forTerminal(`${name}kept: ${report.why.message}`)}${report.why.remedy === undefined ? '' : `; ${forTerminal(report.why.remedy)}`}`,
        );
    }
  });
  return [
    ...lines,
    ...(untried === 0
      ? []
      : [
          style.attention(
            `! ${untried} ${untried === 1 ? 'pack was' : 'packs were'} not tried in this run and ${untried === 1 ? 'waits' : 'wait'}`,
          ),
        ]),
    ...(stopped === undefined
      ? []
      : [
          style.attention(
            `! stopped: ${forTerminal(stopped.message)}${stopped.remedy === undefined ? '' : `; ${forTerminal(stopped.remedy)}`}`,
          ),
        ]),
    ...(newLogKey === undefined
      ? []
      : [
          keptLogKey === true
            ? `  first contact with this log; its key is kept from now on: ${forTerminal(newLogKey)}`
            : `  the endpoint says that its log key is this; compare it, or name endpoint.logKeyFile: ${forTerminal(newLogKey)}`,
        ]),
  ];
}

function isUntried(report: PackReport): boolean {
  return report.fate === 'kept' && report.why.code === 'not-tried';
}
