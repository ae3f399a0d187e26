import { generate } from "selfsigned";

/** A certificate and its private key, as PEM. */
export type Certificate = { cert: string; key: string };

const validFrom = new Date("2020-01-01T00:00:00Z");
const validUntil = new Date("2090-01-01T00:00:00Z");

/** Makes an authority, which signs for others. */
export async function makeAuthority(name: string): Promise<Certificate> {
  const made = await generate([{ name: "commonName", value: name }], {
    ...curve,
    notBeforeDate: validFrom,
    notAfterDate: validUntil,
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  return { cert: made.cert, key: made.private };
}

/** Makes a certificate for a name; without `by` it is signed by itself. */
export async function makeCertificate(of: {
  name: string;
  by?: Certificate;
  until?: Date;
}): Promise<Certificate> {
  const { name, by, until = validUntil } = of;
  const made = await generate([{ name: "commonName", value: name }], {
    ...curve,
    notBeforeDate: validFrom,
    notAfterDate: until,
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
    ...(by === undefined ? {} : { ca: by }),
  });
  return { cert: made.cert, key: made.private };
}

const curve = { keyType: "ec", curve: "P-256", algorithm: "sha256" } as const;
