import { connect, type Socket } from "node:net";

export type Driving = { port: number; connections: number };

/** Sends the requests over so many connections that are kept; each holds one request at a time. Anything but 200 is an error. */
export async function drive({ port, connections }: Driving, requests: readonly Buffer[]): Promise<void> {
  let next = 0;
  const take = (): Buffer | undefined => requests[next++];
  await Promise.all(Array.from({ length: connections }, () => driveOne(connect(port, "127.0.0.1"), take)));
}

function driveOne(socket: Socket, take: () => Buffer | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let got = "";
    const send = (): void => {
      const request = take();
      if (request !== undefined) socket.write(request);
      else socket.end(resolve);
    };
    const fail = (why: Error): void => {
      socket.destroy();
      reject(why);
    };
    socket.setNoDelay(true).setEncoding("latin1").on("error", fail).on("connect", send);
    socket.on("close", () => reject(new Error("the receiver closed a connection")));
    socket.on("data", (piece: string) => {
      got += piece;
      if (!isWhole(got)) return;
      if (!got.startsWith("HTTP/1.1 200")) return fail(new Error(got));
      got = "";
      send();
    });
  });
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf("\r\n\r\n");
  if (head === -1) return false;
  const length = /\r\ncontent-length: (\d+)/iu.exec(answer)?.[1];
  return length === undefined ? answer.endsWith("0\r\n\r\n") : answer.length >= head + 4 + Number(length);
}
