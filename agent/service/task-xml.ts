/**
 * The scheduled task: collects at this server's turn, then posts. In the order of learn.microsoft.com, "Task Scheduler
 * Schema", whose version 1.3 is that of Windows 7 and Server 2008 R2: parts of a trigger have one, those of settings none.
 */
import type { ServiceOptions } from './plan.ts';

export function taskXml({ command, everyHours, offsetMs }: ServiceOptions): string {
  // The schema's times are local unless they say otherwise; a past day of which the turn is counted.
  const start = new Date(Date.UTC(2026, 0, 1) + turnWithin(everyHours, offsetMs)).toISOString().slice(0, 19);
  const [program = '', ...first] = command;
  const exec = (...args: readonly string[]): string => `    <Exec>
      <Command>${escaped(program)}</Command>
      <Arguments>${escaped([...first, ...args].map((each) => (/\s/.test(each) ? `"${each}"` : each)).join(' '))}</Arguments>
    </Exec>`;
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Affiant: collects signed evidence of this server's security posture.</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Enabled>true</Enabled>
      <StartBoundary>${start}Z</StartBoundary>
      <Repetition>
        <Interval>PT${everyHours}H</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="System">
      <UserId>S-1-5-18</UserId>
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT30M</ExecutionTimeLimit>
    <Priority>9</Priority>
    <RestartOnFailure>
      <Interval>PT15M</Interval>
      <Count>3</Count>
    </RestartOnFailure>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="System">
${exec('collect', '--scheduled')}
${exec('post', '--scheduled')}
  </Actions>
</Task>
`;
}

/** From midnight UTC of that day, on which no interval needs to begin. */
function turnWithin(everyHours: number, offsetMs: number): number {
  const intervalMs = everyHours * 3_600_000;
  const into = Date.UTC(2026, 0, 1) % intervalMs;
  return (offsetMs - into + intervalMs) % intervalMs;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
