import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { connect, type PeerCertificate } from "node:tls";
import { systemNow, timedOut, within } from "../clock.ts";
import { type Step, step } from "./step.ts";

/** How long a look at a name or a certificate may take, in ms. */
const lookMaxMs = 5_000;

/** Whether the address can be one of a Server URL. */
export function lookAtAddress(url: string): Step {
  const parsed = URL.parse(url);
  if (parsed === null) return step("address", "bad", `${url} is no address: write it in full.`);
  if (parsed.username !== "" || parsed.password !== "")
    return step(
      "address",
      "bad",
      "There is a user name or password in the address: use a secret or headers.",
    );
  if (parsed.hash !== "") return step("address", "bad", "What follows # is never sent: leave it out.");
  return step("address", "good", `${parsed.origin}, path ${parsed.pathname}.`);
}

/** What the name leads to, from this machine. */
export async function lookAtName(url: string): Promise<Step> {
  const host = bare(new URL(url).hostname);
  if (isIP(host) !== 0) return step("name", "good", `${host} is an address, there is nothing to look up.`);
  try {
    const found = await within(lookMaxMs, lookup(host, { all: true }));
    if (found === timedOut)
      return step("name", "bad", `${host} was not found within ${lookMaxMs / 1_000} s.`);
    return step("name", "good", `${host} is ${found.map(({ address }) => address).join(", ")}.`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return step(
      "name",
      "bad",
      `${host} is not found (${why}): is it spelled right, and is there a record for it?`,
    );
  }
}

/** Whether the certificate is good, and for how long; nothing to say of plain http on this machine. */
export async function lookAtCertificate(url: string): Promise<Step> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "http:") {
    const isHere = /^(?:localhost|127\.|\[::1\])/u.test(hostname);
    const says = isHere
      ? "Plain http to this machine needs no certificate."
      : "Plain http: whoever is on the way can read the conversations. Use https.";
    return step("certificate", isHere ? "good" : "bad", says);
  }
  const seen = await within(lookMaxMs, certificateAt(hostname, Number(port === "" ? 443 : port)));
  if (seen === timedOut)
    return step("certificate", "bad", `There was no certificate within ${lookMaxMs / 1_000} s.`);
  if (typeof seen === "string") return step("certificate", "bad", seen);
  const days = Math.floor((Date.parse(seen.valid_to) - systemNow()) / 86_400_000);
  return step("certificate", days < 7 ? "bad" : "good", `It is good, and ends in ${days} days.`);
}

/** The certificate, or why there is none that holds. */
function certificateAt(host: string, port: number): Promise<PeerCertificate | string> {
  return new Promise((resolve) => {
    const name = bare(host);
    const socket = connect({ host: name, port, ...(isIP(name) === 0 ? { servername: name } : {}) }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.on("error", (error: Error) => resolve(`There is no good certificate: ${error.message}.`));
  });
}

/** A host without the brackets of IPv6. */
function bare(host: string): string {
  return host.replaceAll(/^\[|\]$/gu, "");
}
