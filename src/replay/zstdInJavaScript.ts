import { Transform } from 'node:stream';
import { Decompress } from 'fzstd';

/** Unpacks zstd where Node itself can not. A stream that is cut off ends with an error, after what there was. */
export const zstdInJavaScript = (): Transform => {
  const decompress = new Decompress((chunk) => void transform.push(chunk));
  const transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        decompress.push(chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        decompress.push(new Uint8Array(0), true);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  return transform;
};
