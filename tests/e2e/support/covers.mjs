// Small pictures for a large library: as most people have them, beside the model.
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";

/** Writes a picture of 192×240 beside every model in a folder. No two neighbours have the same. */
export async function covers(folder) {
  const pictures = Array.from({ length: 96 }, (_, at) => picture(at));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".safetensors")).sort();
  for (let at = 0; at < files.length; at += 500) {
    const some = files.slice(at, at + 500);
    await Promise.all(some.map((name, more) => writeFile(join(folder, name.replace(/\.safetensors$/, ".preview.png")), pictures[(at + more) % pictures.length])));
  }
}

/** A slope from one colour to another, with some noise, so that it is not all the same to unpack. */
function picture(seed) {
  const [width, height] = [192, 240];
  const rows = Buffer.alloc((width * 3 + 1) * height);
  let noise = seed * 7919 + 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      noise = (noise * 48_271) % 2_147_483_647;
      const to = y * (width * 3 + 1) + 1 + x * 3;
      for (const [part, of] of [seed * 37, seed * 59 + y, seed * 83 + x].entries()) rows[to + part] = (of + (noise & 7)) & 255;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
