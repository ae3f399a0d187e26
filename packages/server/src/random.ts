import { randomBytes, randomUUID } from "node:crypto";

/** Chance, as everything in the server is given it. */
export interface Random {
  uuid(): string;
  /** A number in [0, 1). */
  fraction(): number;
  /** Unguessable text of letters, digits, - and _ that stands for so many bytes. */
  token(bytes: number): string;
}

export const systemRandom: Random = {
  uuid: () => randomUUID(),
  fraction: () => Math.random(),
  token: (bytes) => randomBytes(bytes).toString("base64url"),
};
