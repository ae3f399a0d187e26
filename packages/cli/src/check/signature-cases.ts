import { wireHeaders } from "@offhook/protocol";
import { sampleLetter, sampleToolMessage, letterOf, type Letter } from "../sending/letter.ts";
import { type Case, casesOf, type Finding } from "./case.ts";
import { accepted, refused } from "./findings.ts";
import { type Probe, signatureAs, type Twist } from "./probe.ts";

const stranger = { secret: "a secret that nobody here knows", auth: "signature" } as const;
const verifyRawBytes =
  "Verify webhook-signature as Standard Webhooks says: HMAC-SHA256 with the secret over `id.timestamp.body`, over the bytes of the body as they came, before any parser.";

const update = (probe: Probe): Letter => sampleLetter("status-update", probe.newCall());

/** A status-update, sent so, is accepted. */
const accepts =
  (twist: Twist) =>
  async (probe: Probe): Promise<Finding> =>
    accepted(await probe.send(update(probe), twist));

/** A status-update, sent so, is refused. */
const refuses =
  (twist: Twist) =>
  async (probe: Probe): Promise<Finding> =>
    refused(await probe.send(update(probe), twist));

const otherHeader = (name: string, change: (right: string) => string | null): Twist => ({
  headers: (right) => ({ [name]: change(right[name] ?? "") }),
});

/** What must hold of the signature of a message. */
export const signatureCases: Case[] = casesOf("signature", [
  {
    name: "signature-valid",
    needs: "a signature",
    expects: "A rightly signed message is accepted with 2xx.",
    mend: `Check that both sides have the same secret: after whsec_ it is base64, any other secret is its UTF-8 bytes. ${verifyRawBytes}`,
    run: accepts({}),
  },
  {
    name: "signature-missing",
    needs: "a signature",
    expects: "A message without a signature is refused with 401.",
    mend: "Refuse a request that has no webhook-signature, before anything is done with its body.",
    run: refuses({ headers: () => ({ [wireHeaders.signature]: null }) }),
  },
  {
    name: "signature-forged",
    needs: "a signature",
    expects: "A message that was signed with another secret is refused with 401.",
    mend: verifyRawBytes,
    run: refuses({ proof: stranger }),
  },
  {
    name: "signature-of-another-body",
    needs: "a signature",
    expects: "A message whose body was changed after it was signed is refused.",
    mend: "Make the body a part of what is signed: `id.timestamp.body`.",
    run: async (probe) => {
      const letter = update(probe);
      return refused(await probe.send(letter, { body: letter.body.replace("Sample", "Simple") }));
    },
  },
  {
    name: "signature-of-another-id",
    needs: "a signature",
    expects: "A message whose webhook-id was changed after it was signed is refused.",
    mend: "Make webhook-id a part of what is signed: `id.timestamp.body`. Otherwise a replay gets past the dedupe.",
    run: refuses(otherHeader(wireHeaders.id, (right) => `${right}0`)),
  },
  {
    name: "signature-of-another-time",
    needs: "a signature",
    expects: "A message whose webhook-timestamp was changed after it was signed is refused.",
    mend: "Make webhook-timestamp a part of what is signed: `id.timestamp.body`. Otherwise an old message can be made young.",
    run: refuses(otherHeader(wireHeaders.timestamp, (right) => String(Number(right) - 1))),
  },
  {
    name: "signature-truncated",
    needs: "a signature",
    expects: "A message with only the beginning of the right signature is refused.",
    mend: "Compare the whole signature, in constant time: crypto.timingSafeEqual, hmac.compare_digest, hmac.Equal, hash_equals.",
    run: refuses(signatureAs((right) => right.slice(0, 20))),
  },
  {
    name: "signature-empty",
    needs: "a signature",
    expects: "A message whose signature is “v1,” and no more is refused.",
    mend: "Compare the whole signature; an empty one fits nothing.",
    run: refuses(signatureAs(() => "v1,")),
  },
  {
    name: "signature-rotated",
    needs: "a signature",
    expects: "A message with two signatures, of which the second fits, is accepted: so a secret is rotated.",
    mend: "Split webhook-signature at spaces, and accept the message when one of them fits.",
    run: accepts(signatureAs((right) => `v1,${btoa("x".repeat(32))} ${right}`)),
  },
  {
    name: "signature-of-other-versions",
    needs: "a signature",
    expects: "Signatures of versions that are not v1 are passed over, and the v1 beside them counts.",
    mend: "Look only at the parts of webhook-signature that begin with “v1,”.",
    run: accepts(signatureAs((right) => `v1a,${btoa("x".repeat(64))} v2 ${right}`)),
  },
  {
    name: "signature-over-raw-bytes",
    needs: "a signature",
    expects: "A signed body with unusual spaces, escapes and numbers is accepted.",
    mend: "Sign the body as it came. JSON that was parsed and written again has other bytes.",
    run: async (probe) => {
      const letter = update(probe);
      const body = `{ "message" :\n${letter.body.slice(11, -1).replace('"Sample"', '"S\\u0061mple 🙂"')},"one": 1.0 }`;
      return accepted(await probe.send({ ...letter, body }));
    },
  },
  {
    name: "timestamp-old",
    needs: "a signature",
    expects: "A message that was signed ten minutes ago is refused.",
    mend: "Refuse a webhook-timestamp that is more than five minutes from now; without it, old messages can be replayed.",
    run: refuses({ ageSeconds: 600 }),
  },
  {
    name: "timestamp-future",
    needs: "a signature",
    expects: "A message that was signed ten minutes from now is refused.",
    mend: "Refuse a webhook-timestamp that is more than five minutes from now, in both directions.",
    run: refuses({ ageSeconds: -600 }),
  },
  {
    name: "timestamp-two-minutes",
    needs: "a signature",
    expects: "A message that was signed two minutes ago is accepted: clocks differ, and networks are slow.",
    mend: "Allow five minutes. webhook-timestamp is in seconds, not in milliseconds.",
    run: accepts({ ageSeconds: 120 }),
  },
  {
    name: "timestamp-no-number",
    needs: "a signature",
    expects: "A message whose webhook-timestamp is no number is refused.",
    mend: "Read webhook-timestamp as a number of seconds, and refuse what is none with 4xx.",
    run: refuses(otherHeader(wireHeaders.timestamp, () => "yesterday")),
  },
  {
    name: "shared-header-valid",
    needs: "a shared header",
    expects: "A message with the right x-interactly-secret is accepted with 2xx.",
    mend: "Compare x-interactly-secret with the secret that the assistant's server has.",
    run: accepts({}),
  },
  {
    name: "shared-header-wrong",
    needs: "a shared header",
    expects: "A message with another x-interactly-secret is refused with 401.",
    mend: "Compare x-interactly-secret with the secret before anything is done with the body, in constant time.",
    run: refuses({ proof: { secret: stranger.secret, auth: "header" } }),
  },
  {
    name: "shared-header-missing",
    needs: "a shared header",
    expects: "A message without x-interactly-secret is refused with 401.",
    mend: "Refuse a request that brings no secret.",
    run: refuses({ proof: { secret: undefined, auth: "header" } }),
  },
  {
    name: "tool-forged",
    needs: "a secret",
    expects: "A tool request that was not sent by the server is refused with 401.",
    mend: "Verify tool requests as events are verified: whoever can forge one can act in your name.",
    run: async (probe) => {
      const { name, arguments: given } = probe.tool ?? { name: "offhookCheck", arguments: {} };
      const wanted = { toolCallId: probe.newId(), name, arguments: given };
      const letter = letterOf(sampleToolMessage(wanted, probe.newCall()));
      return refused(await probe.send(letter, { proof: { ...probe.proof, secret: stranger.secret } }));
    },
  },
]);
