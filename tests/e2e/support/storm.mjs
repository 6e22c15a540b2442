// Stands between the browser and `modeldock serve` and says more on the event stream than any engine would.
import http from "node:http";
import { connect } from "node:net";

/**
 * `link` is where to open the page now; `say` puts events into every open stream, `listening` is how many there are. Ends
 * with the process.
 */
export async function storm(target) {
  const streams = new Set();
  const here = () => `http://127.0.0.1:${server.address().port}`;
  // The server answers to its own name only.
  const renamed = (headers) => ({ ...headers, host: target.host, ...(headers.origin === here() ? { origin: target.origin } : {}) });
  const server = http.createServer((asked, answer) => {
    const passed = http.request({ host: target.hostname, port: target.port, path: asked.url, method: asked.method, headers: renamed(asked.headers) }, (came) => {
      answer.writeHead(came.statusCode, came.headers);
      came.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
  server.on("upgrade", (asked, browser) => {
    const engine = connect(Number(target.port), target.hostname);
    const headers = Object.entries(renamed(asked.headers)).map(([name, value]) => `${name}: ${value}\r\n`);
    engine.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
    browser.pipe(engine);
    let left = Buffer.alloc(0);
    let answered = false;
    engine.on("data", (part) => {
      left = Buffer.concat([left, part]);
      // Only whole frames are passed on, so that what is said here never falls into one.
      for (let length; (length = answered ? frameLength(left) : headLength(left)) !== null; left = left.subarray(length)) {
        browser.write(left.subarray(0, length));
        if (!answered) streams.add(browser);
        answered = true;
      }
    });
    const over = () => {
      streams.delete(browser);
      browser.destroy();
      engine.destroy();
    };
    for (const end of [browser, engine]) end.on("error", over).on("close", over);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const link = new URL(target.href);
  link.port = String(server.address().port);
  return {
    link,
    get listening() {
      return streams.size;
    },
    /** Whether a browser took them: one that has not read the last megabyte is not told more, as by any server. */
    say(events) {
      const ready = [...streams].filter((stream) => stream.writableLength < 2 ** 20);
      if (ready.length === 0) return false;
      const frames = Buffer.concat(events.map((event) => frame(JSON.stringify(event))));
      for (const stream of ready) stream.write(frames);
      return true;
    },
  };
}

function headLength(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  return end === -1 ? null : end + 4;
}

/** A server's frames have no mask. RFC 6455, 5.2. */
function frameLength(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 127;
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < head) return null;
  const body = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return bytes.length < head + body ? null : head + body;
}

function frame(words) {
  const body = Buffer.from(words);
  const head = body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.from([0x81, 126, body.length >> 8, body.length & 255]);
  return Buffer.concat([head, body]);
}
