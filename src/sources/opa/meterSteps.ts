import { PolicyFault } from './policyFault.js';

/** The exported global that holds the steps left; see {@link meterSteps}. */
export const stepsName = 'sluice_steps';

const [importSection, globalSection, exportSection, codeSection] = [2, 6, 7, 10];
const loopOp = 0x03;

/**
 * A WebAssembly module that counts its own steps: each turn of a loop and each call of a function takes one from a counter, and where
 * none is left the module traps. Nothing else can end a synchronous evaluation, and the same question always takes the same steps,
 * however busy the machine is.
 *
 * The counter is an exported global (`i64`, mutable), to be set before each evaluation. Costs a few percent.
 *
 * @param wasm a module of WebAssembly 1.0 with the extensions that compilers use by default today
 * @throws PolicyFault for what is no module, or has instructions that are not known here
 */
export const meterSteps = (wasm: Buffer): Buffer => {
  if (wasm.length < 8 || wasm.readUInt32LE(0) !== 0x6d736100)
    throw new PolicyFault('The policy is no WebAssembly');
  const sections = readSections(wasm);
  const counter = countGlobals(sections);
  const parts = sections.map(({ id, body }) => {
    if (id === globalSection) return section(id, withItem(body, counterGlobal));
    if (id === exportSection) return section(id, withItem(body, exported(counter)));
    return section(id, id === codeSection ? metered(body, counter) : body);
  });
  if (![globalSection, exportSection, codeSection].every((id) => sections.some((found) => found.id === id)))
    throw new PolicyFault('The policy is no WebAssembly of Open Policy Agent');
  return Buffer.concat([wasm.subarray(0, 8), ...parts]);
};

interface Section {
  readonly id: number;
  readonly body: Buffer;
}

/** Reads on from `at`; numbers are LEB128. */
class Reader {
  at = 0;
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new PolicyFault('The policy is damaged WebAssembly');
    return byte;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
      if (shift > 63) throw new PolicyFault('The policy is damaged WebAssembly');
    }
  }

  /** Skips numbers. */
  numbers(count: number): void {
    for (let i = 0; i < count; i++) this.number();
  }

  take(length: number): Buffer {
    const taken = this.bytes.subarray(this.at, this.at + length);
    if (taken.length < length) throw new PolicyFault('The policy is damaged WebAssembly');
    this.at += length;
    return taken;
  }
}

const readSections = (wasm: Buffer): readonly Section[] => {
  const reader = new Reader(wasm);
  reader.take(8);
  const sections: Section[] = [];
  while (reader.at < wasm.length) {
    const id = reader.byte();
    sections.push({ id, body: reader.take(reader.number()) });
  }
  return sections;
};

/** How many globals there are already, those imported included: the index of the next. */
const countGlobals = (sections: readonly Section[]): number => {
  let count = 0;
  for (const { id, body } of sections) {
    const reader = new Reader(body);
    if (id === globalSection) count += reader.number();
    if (id !== importSection) continue;
    for (let left = reader.number(); left > 0; left--) {
      reader.take(reader.number());
      reader.take(reader.number());
      const kind = reader.byte();
      if (kind === 0) reader.number();
      else if (kind === 3) {
        count++;
        reader.take(2);
      } else {
        if (kind === 1) reader.byte();
        reader.numbers(reader.byte() % 2 === 1 ? 2 : 1);
      }
    }
  }
  return count;
};

const number = (value: number): Buffer => {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
};

const section = (id: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([id]), number(body.length), body]);

/** A list with one item more at its end. */
const withItem = (list: Buffer, item: Buffer): Buffer => {
  const reader = new Reader(list);
  const count = reader.number();
  return Buffer.concat([number(count + 1), list.subarray(reader.at), item]);
};

/** `(global (mut i64) (i64.const 100000000))`: enough for the module's own beginning and for reading its data. */
const counterGlobal = Buffer.from([0x7e, 0x01, 0x42, 0x80, 0xc2, 0xd7, 0x2f, 0x0b]);

const exported = (index: number): Buffer =>
  Buffer.concat([number(stepsName.length), Buffer.from(stepsName), Buffer.from([0x03]), number(index)]);

/** One step: `counter -= 1; if (counter < 0) unreachable`. Leaves the stack as it was. */
const step = (counter: number): Buffer => {
  const index = number(counter);
  const [get, set] = [Buffer.from([0x23, ...index]), Buffer.from([0x24, ...index])];
  return Buffer.concat([
    get,
    Buffer.from([0x42, 0x01, 0x7d]), // i64.const 1, i64.sub
    set,
    get,
    Buffer.from([0x42, 0x00, 0x53, 0x04, 0x40, 0x00, 0x0b]), // i64.const 0, i64.lt_s, if, unreachable, end
  ]);
};

const metered = (body: Buffer, counter: number): Buffer => {
  const reader = new Reader(body);
  const one = step(counter);
  const count = reader.number();
  const functions: Buffer[] = [number(count)];
  for (let left = count; left > 0; left--) {
    const code = meteredFunction(reader.take(reader.number()), one);
    functions.push(number(code.length), code);
  }
  return Buffer.concat(functions);
};

const meteredFunction = (code: Buffer, one: Buffer): Buffer => {
  const reader = new Reader(code);
  for (let groups = reader.number(); groups > 0; groups--) {
    reader.number();
    reader.byte();
  }
  const parts: Buffer[] = [];
  let from = 0;
  const stepHere = (): void => {
    parts.push(code.subarray(from, reader.at), one);
    from = reader.at;
  };
  stepHere();
  while (reader.at < code.length) {
    const op = reader.byte();
    skipOperands(reader, op);
    if (op === loopOp) stepHere();
  }
  return Buffer.concat([...parts, code.subarray(from)]);
};

/** WebAssembly 1.0, 5.4, with sign extension, saturating conversion, bulk memory, several results and reference types. */
const skipOperands = (reader: Reader, op: number): void => {
  if (op >= 0x02 && op <= 0x04)
    reader.number(); // block, loop, if: a type
  else if (op === 0x0c || op === 0x0d || op === 0x10 || op === 0xd0 || op === 0xd2) reader.number();
  else if (op === 0x0e)
    reader.numbers(reader.number() + 1); // br_table
  else if (op === 0x11)
    reader.numbers(2); // call_indirect
  else if (op === 0x1c)
    reader.numbers(reader.number()); // select with types
  else if (op >= 0x20 && op <= 0x26)
    reader.number(); // variables, tables
  else if (op >= 0x28 && op <= 0x3e)
    reader.numbers(2); // loads and stores
  else if (op >= 0x3f && op <= 0x42)
    reader.number(); // memory, integer constants
  else if (op === 0x43) reader.take(4);
  else if (op === 0x44) reader.take(8);
  else if (op === 0xfc) skipExtended(reader, reader.number());
  else if (!isPlain(op)) throw new PolicyFault(`The policy has an instruction that is not known (${op})`);
};

const isPlain = (op: number): boolean =>
  op <= 0x01 ||
  op === 0x05 ||
  op === 0x0b ||
  op === 0x0f ||
  op === 0x1a ||
  op === 0x1b ||
  (op >= 0x45 && op <= 0xc4) ||
  op === 0xd1;

const skipExtended = (reader: Reader, op: number): void => {
  if (op <= 7) return; // saturating conversions
  const operands = [2, 1, 2, 1, 2, 1, 2, 1, 1, 1][op - 8];
  if (operands === undefined)
    throw new PolicyFault(`The policy has an instruction that is not known (252 ${op})`);
  reader.numbers(operands);
};
