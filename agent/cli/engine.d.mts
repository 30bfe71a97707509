export function keepYoungSmall(): void;
export function optimiseFor(command: string | undefined): void;
export function letHeapGrow(): void;
