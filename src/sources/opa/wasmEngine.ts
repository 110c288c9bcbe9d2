import * as opa from '@open-policy-agent/opa-wasm';
import { isObject } from '../../protocol/jsonrpc.js';
import { hostFunctions, packageFunctions } from './hostFunctions.js';
import { meterSteps, stepsName } from './meterSteps.js';
import type { PolicyEngine } from './policyEngine.js';
import { PolicyFault } from './policyFault.js';
import type { Bundle } from './readBundle.js';

export interface WasmEngineOptions {
  /** Most turns of loops and calls of functions in one evaluation. */
  readonly maxSteps: number;
  /** Most memory, the documents under `data` included. */
  readonly maxMemoryBytes: number;
}

/** The types of the package (1.10) name what only its default export has. */
const { loadPolicySync } = (opa as unknown as { readonly default: { loadPolicySync: LoadPolicy } }).default;

type LoadPolicy = (
  module: WebAssembly.Module,
  memory: WebAssembly.MemoryDescriptor,
  functions: typeof hostFunctions,
) => LoadedPolicy;

/** What is used of the package's class of that name. */
interface LoadedPolicy {
  readonly wasmInstance: WebAssembly.Instance;
  readonly mem: WebAssembly.Memory;
  readonly entrypoints: Readonly<Record<string, number>>;
  evaluate(input: unknown, entrypoint: string): unknown;
  setData(data: unknown): void;
}

const pageBytes = 65_536;

/**
 * A policy compiled to WebAssembly, evaluated in this process: at once, within bounds of steps and memory.
 *
 * > What went wrong in the middle of an evaluation may have left anything behind: the next one begins with a fresh instance.
 *
 * @returns rejects with a `PolicyFault` for a policy that can't be used: it is tried out here, not by the first call
 */
export const wasmEngine = async (
  { wasm, data, revision }: Bundle,
  options: WasmEngineOptions,
): Promise<PolicyEngine> => {
  const module = await compiled(meterSteps(wasm));
  const { maxSteps, maxMemoryBytes } = options;
  const maximum = Math.max(1, Math.floor(maxMemoryBytes / pageBytes));
  const begin = (): Running => running(module, data, maximum);
  let current: Running | undefined = begin();
  const { entrypoints } = current.policy;
  const decisions = Object.keys(entrypoints);
  const found = new Map<string, Entrypoint | undefined>();
  const entrypoint = (path: string): Entrypoint | undefined => {
    if (!found.has(path)) found.set(path, entrypointOf(decisions, path));
    return found.get(path);
  };
  const lacks = (path: string): string | undefined =>
    entrypoint(path) === undefined
      ? `It has no decision \`${path}\`: build it with \`-e ${path}\`. It has: ${decisions.slice(0, 20).join(', ')}`
      : undefined;

  return {
    revision,
    lacks,
    ask(path, input) {
      const entry = entrypoint(path);
      if (entry === undefined) throw new PolicyFault(lacks(path) ?? '');
      const { policy, steps } = (current ??= begin());
      steps.value = BigInt(maxSteps);
      let answers: unknown;
      try {
        answers = policy.evaluate(input, entry.name);
      } catch (error) {
        current = undefined;
        throw whyEnded(error, steps.value < 0n, options);
      }
      const [first] = answers as readonly { readonly result?: unknown }[];
      return entry.rest.reduce(below, first?.result);
    },
    close: () => undefined,
  };
};

interface Running {
  readonly policy: LoadedPolicy;
  readonly steps: WebAssembly.Global;
}

const compiled = async (wasm: Buffer): Promise<WebAssembly.Module> => {
  try {
    return await WebAssembly.compile(new Uint8Array(wasm));
  } catch (error) {
    throw new PolicyFault('The policy is no WebAssembly that can be used', { cause: error });
  }
};

const running = (module: WebAssembly.Module, data: Bundle['data'], maximum: number): Running => {
  const policy = instantiated(module, maximum);
  const { exports } = policy.wasmInstance;
  const missing = functionsOf(policy).filter(
    (name) => !Object.hasOwn(hostFunctions, name) && !packageFunctions.includes(name),
  );
  if (missing.length > 0)
    throw new PolicyFault(
      `The policy uses ${missing.map((name) => `\`${name}\``).join(', ')}, which there is not in WebAssembly: do without, or let an OPA server evaluate it (\`url\`)`,
    );
  try {
    policy.setData(data);
  } catch (error) {
    throw new PolicyFault('The data of the policy does not fit into its memory (`opa.max_memory`)', {
      cause: error,
    });
  }
  return { policy, steps: exports[stepsName] as WebAssembly.Global };
};

/** How much memory it begins with it tells by refusing less. */
const instantiated = (module: WebAssembly.Module, maximum: number): LoadedPolicy => {
  for (let initial = Math.min(8, maximum); ; initial = Math.min(initial * 2, maximum))
    try {
      return loadPolicySync(module, { initial, maximum }, hostFunctions);
    } catch (error) {
      if (!(error instanceof WebAssembly.LinkError) || initial === maximum)
        throw new PolicyFault(
          error instanceof WebAssembly.LinkError
            ? 'The policy needs more memory than it may have (`opa.max_memory`), or is none of Open Policy Agent'
            : 'The policy is none that Open Policy Agent has compiled',
          { cause: error },
        );
    }
};

/** The functions that it needs from outside. */
const functionsOf = ({ wasmInstance, mem }: LoadedPolicy): readonly string[] => {
  const { builtins, opa_json_dump: dump } = wasmInstance.exports as Record<string, (at?: number) => number>;
  if (builtins === undefined || dump === undefined)
    throw new PolicyFault('The policy is of a kind that is not known');
  const bytes = Buffer.from(mem.buffer);
  const at = dump(builtins());
  return Object.keys(JSON.parse(bytes.toString('utf8', at, bytes.indexOf(0, at))) as object);
};

interface Entrypoint {
  readonly name: string;
  /** Where in its document the decision is. */
  readonly rest: readonly string[];
}

/** The entry point itself, or one of a package above it. */
const entrypointOf = (decisions: readonly string[], path: string): Entrypoint | undefined => {
  const steps = path.split('/');
  for (let length = steps.length; length > 0; length--) {
    const name = steps.slice(0, length).join('/');
    if (decisions.includes(name)) return { name, rest: steps.slice(length) };
  }
  return undefined;
};

const below = (document: unknown, key: string): unknown =>
  isObject(document) && Object.hasOwn(document, key) ? document[key] : undefined;

const whyEnded = (
  error: unknown,
  outOfSteps: boolean,
  { maxSteps, maxMemoryBytes }: WasmEngineOptions,
): PolicyFault => {
  if (outOfSteps) return new PolicyFault(`The policy took more than ${maxSteps} steps (\`opa.max_steps\`)`);
  if (error instanceof RangeError || String(error).includes('malloc'))
    return new PolicyFault(`The policy needed more than ${maxMemoryBytes} bytes (\`opa.max_memory\`)`);
  return new PolicyFault('The policy ended in the middle of its evaluation', { cause: error });
};
