import { type ChildProcess, fork } from "node:child_process";

/** What a process can be asked to do, by name; what it takes and gives travels as JSON. */
export type Handlers = { [name: string]: (input: never) => unknown };

type Order = { id: number; name: string; input: unknown };
type Answer = { id: number; ok: true; value: unknown } | { id: number; ok: false; error: string };

/** A process of the bench. It ends when it is disposed of, after what it has to close, or when the bench ends. */
export type Child<Does extends Handlers> = AsyncDisposable & {
  readonly pid: number;
  ask<Name extends keyof Does & string>(
    name: Name,
    input: Parameters<Does[Name]>[0],
  ): Promise<Awaited<ReturnType<Does[Name]>>>;
};

export type ChildOptions = { env?: Record<string, string>; execArgv?: readonly string[] };

const standardError = 2;
const everyHeapFlag = "--max-old-space-size=8192";

/** Starts a file of `processes/` as a process of its own. What it prints goes to standard error. */
export function openChild<Does extends Handlers>(file: string, options: ChildOptions = {}): Child<Does> {
  const path = new URL(`../processes/${file}`, import.meta.url);
  const child = fork(path, [], {
    env: { ...process.env, ...options.env },
    execArgv: [everyHeapFlag, ...(options.execArgv ?? [])],
    stdio: ["ignore", standardError, standardError, "ipc"],
  });
  const asked = new Map<number, (answer: Answer) => void>();
  child.on("message", (message) => {
    const answer = message as Answer;
    asked.get(answer.id)?.(answer);
    asked.delete(answer.id);
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.once("exit", (code) => {
    for (const [id, settle] of asked) settle({ id, ok: false, error: `${file} ended with ${code}` });
    asked.clear();
  });
  let orders = 0;
  return {
    pid: child.pid ?? 0,
    async ask(name, input) {
      orders += 1;
      const id = orders;
      const answer = await new Promise<Answer>((resolve) => {
        asked.set(id, resolve);
        send(child, { id, name, input });
      });
      if (!answer.ok) throw new Error(answer.error);
      return answer.value as never;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

function send(child: ChildProcess, order: Order): void {
  if (child.connected) child.send(order);
}

/** In such a process: does what it is asked, one after another or side by side, until the bench lets go of it. */
export function answerParent<Does extends Handlers>(does: Does, close?: () => Promise<void>): void {
  const answer = (message: Answer): void => void process.send?.(message);
  process.on("message", (message) => {
    const { id, name, input } = message as Order;
    void perform(does, name, input).then(
      (value) => answer({ id, ok: true, value }),
      (error: unknown) =>
        answer({
          id,
          ok: false,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
    );
  });
  process.once("disconnect", () => {
    void (close?.() ?? Promise.resolve()).finally(() => process.exit());
  });
}

async function perform(does: Handlers, name: string, input: unknown): Promise<unknown> {
  const handler = does[name];
  if (handler === undefined) throw new Error(`this process cannot do ${name}`);
  return handler(input as never);
}
