import { assistantBody, type AssistantBody, faultsOf } from "@offhook/protocol";
import type { Failure } from "../failure.ts";

/** A patient for the demo: who calls, and what they say. */
export type Patient = { name: string; number: string; lines: readonly string[] };

/** What the clinic tells when it is ready. */
export type ClinicNews = { url: string; assistant: AssistantBody; patient: Patient };

/** Reads `{ready: true, url, assistant, patient}`. */
export function clinicNews(message: unknown): ClinicNews | Failure {
  const { url, assistant, patient } = fieldsOf(message);
  const read = assistantBody.safeParse(assistant);
  if (!read.success) {
    const faults = faultsOf(read.error).map(({ path, message: fault }) => `${path}: ${fault}`);
    return { failure: `The clinic's assistant does not fit: ${faults.join("; ")}.` };
  }
  const caller = patientOf(patient);
  if (typeof url !== "string" || caller === undefined) {
    return {
      failure: "The clinic did not say where it is and who calls: it tells {ready, url, assistant, patient}.",
    };
  }
  return { url, assistant: read.data, patient: caller };
}

function patientOf(given: unknown): Patient | undefined {
  const { name, number, lines } = fieldsOf(given);
  if (typeof name !== "string" || typeof number !== "string" || !Array.isArray(lines)) return undefined;
  return { name, number, lines: lines.map(String) };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
