/** WAV files: RIFF chunks, of which `fmt ` says how the samples in `data` are written. */
import { NumericArray } from '../dataset/numeric.ts';
import { DataError } from '../error.ts';
import { load, type Origin, type SourceFile } from '../origin/origin.ts';

/** Samples frame by frame, each frame a value for each channel, from -1 to 1. */
export interface Sound {
  sampleRate: number;
  channels: number;
  frames: number;
  samples: Float32Array;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/** @throws DataError when the bytes are no WAV file, are cut short, or are coded in another way than PCM or floats */
export function decodeWav(bytes: Uint8Array, file: string): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (tag(0) !== 'RIFF' || tag(8) !== 'WAVE') {
    throw new DataError('it is no WAV file: it does not begin with RIFF … WAVE', {
      place: { file, offset: 0 },
      advice: 'Convert it, e.g. with `ffmpeg -i FILE out.wav`',
    });
  }
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    const available = bytes.length - body;
    if (tag(at) === 'fmt ' && available >= 16) format = readFormat(view, body, length, file);
    if (tag(at) === 'data') {
      if (!format) break;
      // A recorder that was cut off, or that writes to a pipe, leaves 0 or all ones for the length.
      const unknown = length === 0xffffffff || (length === 0 && available > 0);
      if (!unknown && length > available) {
        throw new DataError(`${available} bytes of samples are left where ${length} were announced`, {
          place: { file, offset: body },
          advice: 'The file is cut short; get it again',
        });
      }
      return readSamples(view, body, unknown ? available : length, format);
    }
    at = body + length + (length % 2);
  }
  throw new DataError(`it has no ${format ? 'samples ("data")' : 'description ("fmt ")'}: it is cut short or damaged`, {
    place: { file, offset: bytes.length },
    advice: 'Get the file again',
  });
}

interface Format {
  float: boolean;
  channels: number;
  sampleRate: number;
  bytes: number;
}

function readFormat(view: DataView, at: number, length: number, file: string): Format {
  const coded = view.getUint16(at, true);
  const code = coded === EXTENSIBLE && length >= 26 ? view.getUint16(at + 24, true) : coded;
  const bits = view.getUint16(at + 14, true);
  const channels = view.getUint16(at + 2, true);
  const known = (code === PCM && [8, 16, 24, 32].includes(bits)) || (code === FLOAT && (bits === 32 || bits === 64));
  if (!known || channels === 0) {
    throw new DataError(`its samples are coded in a way that is not read here (format ${code}, ${bits} bits)`, {
      place: { file, offset: at },
      advice: 'Convert it to PCM: `ffmpeg -i FILE -c:a pcm_s16le out.wav`',
    });
  }
  return { float: code === FLOAT, channels, sampleRate: view.getUint32(at + 4, true), bytes: bits / 8 };
}

function readSamples(
  view: DataView,
  start: number,
  length: number,
  { float, channels, sampleRate, bytes }: Format,
): Sound {
  const frames = Math.floor(length / (bytes * channels));
  const samples = new Float32Array(frames * channels);
  for (let index = 0; index < samples.length; index++) {
    const at = start + index * bytes;
    samples[index] = float ? floatAt(view, at, bytes) : wholeAt(view, at, bytes);
  }
  return { sampleRate, channels, frames, samples };
}

const floatAt = (view: DataView, at: number, bytes: number): number =>
  bytes === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);

function wholeAt(view: DataView, at: number, bytes: number): number {
  // Only bytes are without a sign, with silence in the middle.
  if (bytes === 1) return (view.getUint8(at) - 128) / 128;
  if (bytes === 2) return view.getInt16(at, true) / 0x8000;
  if (bytes === 3) return ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 0x800000;
  return view.getInt32(at, true) / 0x80000000;
}

/** The sound cut to so many frames, or followed by silence; its channels averaged, repeated or kept. */
export function fitSound(
  { samples, channels: own, frames: given }: Sound,
  size: { frames: number; channels: number },
): Float32Array {
  const { frames, channels } = size;
  const out = new Float32Array(frames * channels);
  for (let frame = 0; frame < Math.min(frames, given); frame++) {
    for (let channel = 0; channel < channels; channel++) {
      let value = samples[frame * own + Math.min(channel, own - 1)] ?? 0;
      if (channels === 1 && own > 1) {
        value = 0;
        for (let each = 0; each < own; each++) value += (samples[frame * own + each] ?? 0) / own;
      }
      out[frame * channels + channel] = value;
    }
  }
  return out;
}

/** A sound as numbers `[frames, channels]`, from -1 to 1. */
export class WavArray extends NumericArray {
  /** Frames in a second. */
  readonly sampleRate: number;

  constructor({ samples, frames, channels, sampleRate }: Sound, sources: readonly SourceFile[]) {
    super(samples, [frames, channels], sources);
    this.sampleRate = sampleRate;
  }

  /** How long it is. */
  get seconds(): number {
    return this.length / this.sampleRate;
  }
}

/**
 * Reads a WAV file (PCM of 8, 16, 24 or 32 bits, or floats).
 * @throws DataError as said for {@link decodeWav}
 */
export async function wav(origin: Origin): Promise<WavArray> {
  const { name, bytes, source } = await load(origin);
  return new WavArray(decodeWav(bytes, name), [source]);
}
