// Archives for stories: enough of ZIP to make a document and to look into one.
import { inflateRawSync } from "node:zlib";

const CRC = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

export function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = CRC[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

/** An archive of these texts by name, as they are. */
export function zip(files) {
  const entries = [];
  let at = 0;
  const bodies = Object.entries(files).map(([path, text]) => {
    const [name, data] = [Buffer.from(path), Buffer.from(text)];
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(0x0800, 2);
    head.writeUInt32LE(crc32(data), 10);
    head.writeUInt32LE(data.length, 14);
    head.writeUInt32LE(data.length, 18);
    head.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    entries.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0", "latin1"), head, place, name]));
    const body = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), head, name, data]);
    at += body.length;
    return body;
  });
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, directory, end]);
}

/** What is in an archive, by name. */
export function unzip(archive) {
  const files = {};
  let at = archive.readUInt32LE(archive.lastIndexOf("PK\x05\x06", undefined, "latin1") + 16);
  while (archive.readUInt32LE(at) === 0x02014b50) {
    const [method, size, name, extra, comment, local] =
      [archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20), archive.readUInt16LE(at + 28),
        archive.readUInt16LE(at + 30), archive.readUInt16LE(at + 32), archive.readUInt32LE(at + 42)];
    const path = archive.toString("utf8", at + 46, at + 46 + name);
    const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const data = archive.subarray(begin, begin + size);
    files[path] = method === 0 ? data : inflateRawSync(data);
    at += 46 + name + extra + comment;
  }
  return files;
}
