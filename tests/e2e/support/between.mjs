// Stands between Modeldock and the simulated Civitai and changes answers on their way: for what no honest site says.
import http from "node:http";

/** `change` is given every answer that is JSON, parsed, and gives what is sent instead. Ends with the process. */
export function between(change) {
  return async (civitai) => {
    const target = new URL(civitai);
    const server = http.createServer((asked, answer) => {
      const headers = { ...asked.headers, "accept-encoding": "identity" };
      const passed = http.request({ host: target.hostname, port: target.port, path: asked.url, method: asked.method, headers }, (came) => {
        const parts = [];
        came.on("data", (part) => parts.push(part));
        came.on("end", () => {
          let body = Buffer.concat(parts);
          if (/json/.test(came.headers["content-type"] ?? "") && body.length > 0) body = Buffer.from(JSON.stringify(change(JSON.parse(body.toString()), asked.url)));
          answer.writeHead(came.statusCode, { ...came.headers, "content-length": body.length });
          answer.end(body);
        });
      });
      passed.on("error", () => answer.destroy());
      asked.pipe(passed);
    });
    await new Promise((resolve) => server.listen(0, target.hostname, resolve));
    server.unref();
    return `http://${target.hostname}:${server.address().port}`;
  };
}
