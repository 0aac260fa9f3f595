/** @file A gzip file's content, never more of it than expected, whatever it expands to. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";

/**
 * The content, a piece at a time as it is asked for. `onRead` is told how many of the file's bytes are read.
 *
 * Throws an Error, whose message says what is wrong, for content of more than `most` bytes, content that is compressed again,
 * bytes after the end, and as zlib does for what is no whole gzip file.
 */
export async function* expand(
  file: string,
  most: number,
  onRead?: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const { size } = await stat(file);
  const gunzip = createGunzip();
  const input = createReadStream(file).on("error", (error) => gunzip.destroy(error));
  let expanded = 0;
  try {
    for await (const piece of input.pipe(gunzip) as AsyncIterable<Uint8Array>) {
      // The tar library would expand it once more, and beyond `most`.
      if (expanded === 0 && piece[0] === 0x1f && piece[1] === 0x8b) throw new Error("it is compressed twice");
      expanded += piece.length;
      if (expanded > most) throw new Error(`it should expand to at most ${most} bytes, got more`);
      onRead?.(gunzip.bytesWritten);
      yield piece;
    }
  } finally {
    input.destroy();
    gunzip.destroy();
  }
  if (gunzip.bytesWritten < size) throw new Error(`it should end after ${gunzip.bytesWritten} bytes, got ${size}`);
}
