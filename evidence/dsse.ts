/** The pre-authentication encoding of DSSE v1: what is really signed. https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}
