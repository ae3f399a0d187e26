/** Something of the application's that threw. */
export type Fault = {
  /** `receiver`: something given in the options, such as the receipts. */
  kind: "handler" | "tool" | "receiver";
  /** The event's type, the tool's name or the option's. */
  name: string;
  callId: string | null;
  error: unknown;
};

/** The default of the option `onFault`: a line on standard error. */
export function printFault({ kind, name, callId, error }: Fault): void {
  console.error(`offhook: the ${kind} ${name} failed${callId === null ? "" : ` in call ${callId}`}:`, error);
}

const sentenceMax = 500;

/**
 * What a model is told of a tool that threw: the first line of the error's
 * message. Faults of the program and of the system (those with a `code`) are
 * not for the caller's ears; they get a general sentence.
 */
export function sentenceOf(name: string, error: unknown): string {
  const general = `${name} failed because of a fault on our side. It may work later.`;
  if (!(error instanceof Error) || isInternal(error)) return general;
  const [line = ""] = error.message.trim().split("\n");
  return line === "" ? general : line.slice(0, sentenceMax);
}

function isInternal(error: Error): boolean {
  const builtIn = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError, AggregateError];
  return "code" in error || builtIn.some((kind) => error instanceof kind);
}
