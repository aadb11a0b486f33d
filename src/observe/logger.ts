/**
 * JSON lines on standard output. What may be logged is decided by key: specs, object data and anything that names a
 * credential are cut out here, so that a careless caller can't leak them.
 */
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  /** What costs something to gather is a function, called only where the line is written. */
  debug(fields: LogFields | (() => LogFields), message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Added to every line. */
  readonly base?: LogFields;
  /** Standard output when absent: all lines of one turn of the event loop in one write, none lost at an orderly exit. */
  readonly destination?: DestinationStream;
}

const contentKeys = new Set(['spec', 'data', 'stringdata', 'binarydata', 'object', 'oldobject', 'patch', 'body']);
const secretKeys = /passw|token|authorization|credential|privatekey|secretvalue|^key$|^uri$|^dsn$/i;
const redacted = '[redacted]';
const maxDepth = 5;
/** Characters of lines that wait to be written. */
const mostHeld = 8 * 1024;

/** Credentials in URLs (`scheme://user:password@host`) lose their password. */
export function scrubText(text: string): string {
  const plain = text.includes('://') ? text.replace(/(:\/\/[^\s/:@]*):[^\s@]*@/g, `$1:${redacted}@`) : text;
  return plain.includes('PRIVATE KEY')
    ? plain.replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted)
    : plain;
}

/** What the API server answers is an outcome, not a bug: where in the code it was heard helps nobody. */
const isOutcome = (error: Error): boolean => error.name === 'ApiError';

function scrubError(error: Error, depth: number): LogFields {
  return {
    type: error.name,
    message: scrubText(error.message),
    ...(!isOutcome(error) && { stack: scrubText(error.stack ?? '') }),
    ...(error.cause !== undefined && { cause: scrub(error.cause, depth + 1) }),
  };
}

function scrub(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return '[…]';
  if (value instanceof Error) return scrubError(value, depth);
  if (Array.isArray(value)) return value.map((item) => scrub(item, depth + 1));
  return scrubFields(value as LogFields, depth);
}

function scrubFields(fields: LogFields, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (contentKeys.has(key.toLowerCase()) && typeof value === 'object') continue;
    result[key] = secretKeys.test(key) && typeof value !== 'number' ? redacted : scrub(value, depth + 1);
  }
  return result;
}

/** A write for each line would cost more than most answers. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true });
  let held = '';
  const flush = (): void => {
    if (held !== '') output.write(held);
    held = '';
  };
  process.once('exit', flush);
  return {
    write: (line) => {
      if (held === '') setImmediate(flush);
      held += line;
      if (held.length > mostHeld) flush();
    },
  };
}

export function createLogger(options: LoggerOptions): Logger {
  const root = pino(
    {
      level: options.level,
      base: { ...options.base },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }), log: (fields) => scrubFields(fields, 0) },
    },
    options.destination ?? standardOutput(),
  );
  return narrow(root);
}

// pino's own formatters pass over the fields of a child.
function narrow(logger: PinoLogger): Logger {
  return {
    debug: (fields, message) => {
      if (logger.isLevelEnabled('debug')) logger.debug(typeof fields === 'function' ? fields() : fields, message);
    },
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => narrow(logger.child(scrubFields(fields, 0))),
  };
}

/** For tests and tools. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
