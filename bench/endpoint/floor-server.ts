/** A server that reads a body and answers with a receipt's bytes, and nothing else: what node:http itself takes. GET says the CPU time. */
import { createServer } from 'node:http';

const receipt = JSON.stringify({ text: 'x'.repeat(1500) });
const server = createServer((incoming, response) => {
  if (incoming.method === 'GET') {
    response.end(JSON.stringify(process.cpuUsage()));
    return;
  }
  incoming.resume();
  incoming.on('end', () =>
    response
      .writeHead(201, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(receipt) })
      .end(receipt),
  );
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}\n`);
});
