/** An HTTP answer to a tool request, whole. Header names are in lower case. */
export type ToolAnswer = { status: number; headers: Readonly<Record<string, string>>; body: Uint8Array };

/** The body of an answer as text; `fault` goes on the sentence "… answered". */
export type ReadBody = { kind: "text" | "html"; text: string } | { kind: "unreadable"; fault: string };

/** Makes text of a body: UTF-8 whatever the content type says, or else the charset that it names. */
export function readBody({ headers, body }: ToolAnswer): ReadBody {
  const coding = headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (coding !== "" && coding !== "identity") {
    return { kind: "unreadable", fault: `compressed (${coding}), though it was asked not to` };
  }
  const contentType = headers["content-type"] ?? "";
  const charset = /charset\s*=\s*"?([\w.:-]{1,40})/iu.exec(contentType)?.[1] ?? "";
  const text = utf16(body) ?? decode(body, "utf-8") ?? decode(body, charset);
  if (text === undefined) return { kind: "unreadable", fault: "with bytes that are not text in UTF-8" };
  return { kind: isHtml(text) ? "html" : "text", text };
}

/** Whether a text is a web page. */
export function isHtml(text: string): boolean {
  return /^\s*(?:<!--[^]{0,500}?-->\s*)?<(?:!doctype\s+html|html)[\s>]/iu.test(text);
}

/** The title of a web page; `""` where it has none. */
export function titleOf(text: string): string {
  return /<title[^>]{0,200}>([^<]{1,500})/iu.exec(text)?.[1]?.trim() ?? "";
}

/** Text that says by its first two bytes that it is UTF-16. */
function utf16(body: Uint8Array): string | undefined {
  if (body[0] === 0xff && body[1] === 0xfe) return decode(body, "utf-16le");
  return body[0] === 0xfe && body[1] === 0xff ? decode(body, "utf-16be") : undefined;
}

function decode(body: Uint8Array, charset: string): string | undefined {
  try {
    return charset === "" ? undefined : new TextDecoder(charset, { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
