/** What a connection that gave no answer died of, in words for a person. */

/** Why there is no answer. `lasting` says that a further try now would end the same. */
export type NoAnswer = {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly lasting: boolean;
  /** No connection came about, so that nothing was sent. */
  readonly unconnected: boolean;
};

const untrusted = {
  message: 'its certificate is not signed by an authority that is trusted here',
  remedy: 'name the file of the right authority in the configuration: endpoint.caFile',
};

/** Codes of OpenSSL and Node (nodejs.org/api/tls.html#x509-certificate-error-codes). */
const certificateFaults: Readonly<Record<string, { message: string; remedy: string; code?: string }>> = {
  AFFIANT_PIN_MISMATCH: {
    code: 'pin-mismatch',
    message: 'it does not show a key that was pinned when this server enrolled; nothing was sent',
    remedy: "ask the endpoint's operator whether its key was replaced; if so, enrol anew with a new token",
  },
  AFFIANT_PIN_EXPIRED: {
    code: 'pin-expired',
    message: 'the certificate under its pinned authority is not valid today; nothing was sent',
    remedy: "check this server's clock; have the endpoint's operator renew the certificate",
  },
  CERT_HAS_EXPIRED: {
    message: 'its certificate has expired',
    remedy: "have the endpoint's operator renew it; check this server's clock",
  },
  CERT_NOT_YET_VALID: { message: 'its certificate is not valid yet', remedy: "check this server's clock" },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    message: 'its certificate is for another host name',
    remedy: 'write the name that stands in the certificate into endpoint.url',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
};

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'no name server answered',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'its answer did not end in time',
  TimeoutError: 'no answer in time',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
};

const unconnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Never throws, quotes nothing that came over the network. `where` names the endpoint or the proxy. */
export function noAnswerOf(error: unknown, where: string): NoAnswer {
  const codes = codesOf(error);
  const certificate = codes.map((code) => certificateFaults[code]).find((fault) => fault !== undefined);
  if (certificate !== undefined)
    return {
      code: certificate.code ?? 'tls-refused',
      message: `${where}: ${certificate.message}`,
      remedy: certificate.remedy,
      lasting: true,
      unconnected: true,
    };
  const tls = codes.find((code) => code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS'));
  if (tls !== undefined)
    return {
      code: 'tls-failed',
      message: `${where}: no TLS could be agreed on (${tls})`,
      remedy: 'check that endpoint.url names a TLS port',
      lasting: true,
      unconnected: true,
    };
  const refused = /^Proxy response \((\d{3})\)/.exec(messageOf(error))?.[1];
  if (refused !== undefined)
    return {
      code: 'proxy-refused',
      message: `the proxy refused to connect to ${where} (status ${refused})`,
      remedy: 'ask for the endpoint to be allowed there, or list it in endpoint.noProxy',
      lasting: true,
      unconnected: true,
    };
  const code = codes.find((known) => words[known] !== undefined);
  return {
    code: 'no-answer',
    message: `${where}: ${code === undefined ? `no answer (${codes[0] ?? 'unknown'})` : words[code]}`,
    ...(code === 'ECONNREFUSED' && { remedy: 'check that the endpoint runs, and endpoint.url' }),
    lasting: false,
    unconnected: code !== undefined && unconnected.has(code),
  };
}

/** undici wraps; the first cause that says something counts. */
function codesOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 4) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const within =
    error instanceof AggregateError ? error.errors.flatMap((part: unknown) => codesOf(part, depth + 1)) : [];
  return [...own, ...within, ...codesOf(error.cause, depth + 1), error.name];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
