import { type Client, offhook } from "@offhook/client";
import { type Command, InvalidArgumentError, Option } from "commander";
import { exitCodesHelp } from "./exit-codes.ts";
import { type Failure, misuse } from "./failure.ts";
import { isObject, parseJson } from "./json.ts";

/** Where the server is, and who asks. */
export type ServerOptions = { url: string; key?: string };

/** Adds `--url` and `--key`. */
export function takesServer(command: Command): Command {
  return command
    .addOption(
      new Option("--url <url>", "where the server is").default("http://127.0.0.1:4600").env("OFFHOOK_URL"),
    )
    .addOption(new Option("--key <key>", "an API key of it").env("OFFHOOK_API_KEY"));
}

/** Adds `--secret` and `--auth`: how a receiver is shown who sends. */
export function takesProof(command: Command): Command {
  return command
    .addOption(new Option("--secret <secret>", "the secret of the Server URL").env("SERVER_URL_SECRET"))
    .addOption(
      new Option("--auth <how>", "sign, or send the secret itself as x-interactly-secret")
        .choices(["signature", "header"])
        .default("signature"),
    );
}

/** Adds `--json`. */
export function takesJson(command: Command, what = "standard output holds JSON, and no more"): Command {
  return command.option("--json", what);
}

/** Adds what follows the options in a command's help. */
export function withExamples(command: Command, examples: readonly string[], more = ""): Command {
  const lines = examples.map((line) => `  $ ${line}`).join("\n");
  return command.addHelpText(
    "after",
    `${more === "" ? "" : `\n${more}\n`}\nExamples:\n${lines}\n${exitCodesHelp}`,
  );
}

/** A client of the server that the options name. */
export function clientOf(
  { url, key }: ServerOptions,
  limits: { failuresMax?: number } = {},
): Client | Failure {
  if (key === undefined || key === "")
    return misuse("Which API key? Give it as --key, or set OFFHOOK_API_KEY.");
  if (!isHttp(url)) {
    return misuse(`--url is “${url}”: it must be a full address, such as http://127.0.0.1:4600.`);
  }
  return offhook({ url, apiKey: key, limits });
}

/** Whether a text is a full http or https address. */
export function isHttp(url: string): boolean {
  return /^https?:$/u.test(URL.parse(url)?.protocol ?? "");
}

/** Reads an address that is typed. */
export function address(text: string): string {
  if (!isHttp(text))
    throw new InvalidArgumentError("It must be a full address, such as http://127.0.0.1:3000/offhook.");
  return text;
}

/** Reads a JSON object that is typed. */
export function objectArgument(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (!isObject(value))
    throw new InvalidArgumentError(`It must be a JSON object, such as '{"day": "Monday"}'.`);
  return value;
}

/** Reads a whole number within bounds. */
export function numberFrom(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < from || value > to)
      throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
    return value;
  };
}

/** For options that may be repeated. */
export function gather(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
