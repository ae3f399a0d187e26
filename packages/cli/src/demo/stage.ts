import { type Client, offhook } from "@offhook/client";
import type { Failure } from "../failure.ts";
import { makeSecret } from "../random.ts";
import type { Terminal } from "../terminal.ts";
import { type Clinic, startClinic } from "./clinic-process.ts";
import type { Setting } from "./setting.ts";

export type DemoOptions = { json?: boolean; stay?: boolean };

/** A server and a clinic that know each other. */
export type Stage = {
  clinic: Clinic;
  client: Client;
  /** Where the server listens. */
  url: string;
  /** A link that signs in at the page once; null when the page is not built. */
  signInUrl: string | null;
  setting: Setting;
  /** Ends live calls with their reports, delivers them, and only then lets the clinic go. */
  close(): Promise<void>;
};

/** Opens both; what was opened is closed again when a later part fails. */
export async function openStage(terminal: Terminal, options: DemoOptions): Promise<Stage | Failure> {
  await using opened = new AsyncDisposableStack();
  // The clinic opens while the server's code is read.
  const opening = openClinic(terminal, options);
  const [{ readEnv }, { openServer }, { settingOf }] = await Promise.all([
    import("@offhook/server"),
    import("../open-server.ts"),
    import("./setting.ts"),
  ]);
  const clinic = await opening;
  if ("failure" in clinic) return clinic;
  opened.defer(() => clinic.stop());
  const setting = settingOf(readEnv(), options.stay === true);
  opened.defer(() => setting.clear());
  const server = await openServer(setting.env);
  if ("failure" in server) return server;
  const { url, signInUrl } = server.app;
  opened.defer(() => server.app.close());
  const stack = opened.move();
  return {
    clinic,
    client: offhook({ url, apiKey: setting.apiKey }),
    url,
    signInUrl,
    setting,
    close: () => stack.disposeAsync(),
  };
}

function openClinic(terminal: Terminal, { json = false }: DemoOptions): Promise<Clinic | Failure> {
  return startClinic({
    secret: makeSecret(),
    output: json ? "json" : "lines",
    said: (line) => terminal.print(json ? line : `   clinic │ ${line}`),
    noted: (line) => terminal.note(`   clinic │ ${line}`),
  });
}
