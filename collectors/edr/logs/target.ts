/** A port as a document holds it: left out where it is none. */
export function portOf(text: string | undefined): { port?: number } {
  if (text === undefined || !/^[0-9]{1,5}$/.test(text)) return {};
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? { port } : {};
}
