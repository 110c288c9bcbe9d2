import { EventEmitter } from 'node:events';

/** What a tool says on its way. */
export type Step = 'progress' | 'log' | 'ask';

/** How it ends: a result, a result that is an error, a JSON-RPC error, a lost connection, or not at all. */
export type End = 'finish' | 'fail' | 'error' | 'drop' | 'hang';

/** What a call of the tool does; every message it causes carries its nonce. */
export interface Script {
  readonly nonce: string;
  readonly steps: readonly Step[];
  readonly end: End;
}

/** How a server of one era says what the tool says. */
export interface Voice {
  notify(method: string, params: Readonly<Record<string, unknown>>): void;
  /** Asks the client for input; the answer comes by `answered`, or as a retry that begins behind the question. */
  ask(act: Act): void;
  result(result: Readonly<Record<string, unknown>>): void;
  error(message: string): void;
  drop(): void;
}

/** One call as its backend sees it. */
export interface Act {
  readonly script: Script;
  /** Its progress token; each round may bring another. */
  token: unknown;
  voice: Voice;
  /** The next step. */
  at: number;
  /** How many requests brought it, and how many it has asked for itself by asking for input. */
  arrivals: number;
  retriesAskedFor: number;
  /** Waits for an answer. */
  asking: boolean;
  /** Neither ended nor cancelled. */
  open: boolean;
  /** The answers it was given. */
  readonly given: string[];
}

/** The calls of all backends of a test: each goes on as far as it has been granted steps. */
export class Acts {
  /** Answers that came to nobody's question, or a second time. */
  readonly stray: string[] = [];
  readonly #acts = new Map<string, Act>();
  readonly #granted = new Map<string, number>();
  readonly #events = new EventEmitter();
  #freely = false;

  get(nonce: string): Act | undefined {
    return this.#acts.get(nonce);
  }

  /** Those that have neither ended nor been cancelled. */
  get open(): readonly Act[] {
    return [...this.#acts.values()].filter(({ open }) => open);
  }

  get all(): readonly Act[] {
    return [...this.#acts.values()];
  }

  /** Lets a call take so many steps more, now or when it comes. */
  grant(nonce: string, steps: number): void {
    this.#granted.set(nonce, (this.#granted.get(nonce) ?? 0) + steps);
    this.#pump(this.#acts.get(nonce));
  }

  /** Lets every call go on to its end. */
  letRun(): void {
    this.#freely = true;
    for (const act of this.#acts.values()) this.#pump(act);
  }

  /** Forgets everything: the next run begins. */
  clear(): void {
    this.#acts.clear();
    this.#granted.clear();
    this.stray.length = 0;
    this.#freely = false;
  }

  /** A call has come, or has come again with the answers it asked for. */
  begin(script: Script, voice: Voice, token: unknown, from = 0, given: readonly string[] = []): Act {
    const known = this.#acts.get(script.nonce);
    const act: Act = known ?? {
      script,
      token,
      voice,
      at: 0,
      arrivals: 0,
      retriesAskedFor: 0,
      asking: false,
      open: true,
      given: [],
    };
    act.voice = voice;
    act.token = token;
    act.at = from;
    act.arrivals++;
    act.open = true;
    act.asking = false;
    act.given.push(...given);
    this.#acts.set(script.nonce, act);
    this.#pump(act);
    return act;
  }

  /** The client's answer to what a call of a 2025-era server asked. */
  answered(act: Act, text: string): void {
    act.given.push(text);
    act.asking = false;
    this.#pump(act);
  }

  /** Its caller has hung up or cancelled it. */
  over(act: Act): void {
    act.open = false;
    this.#events.emit('change');
  }

  #pump(act: Act | undefined): void {
    while (act?.open === true && !act.asking && this.#spend(act)) this.#step(act);
    this.#events.emit('change');
  }

  #spend({ script: { nonce } }: Act): boolean {
    if (this.#freely) return true;
    const granted = this.#granted.get(nonce) ?? 0;
    this.#granted.set(nonce, Math.max(0, granted - 1));
    return granted > 0;
  }

  #step(act: Act): void {
    const { script, voice, token } = act;
    const { nonce } = script;
    const step = script.steps[act.at++];
    if (step === 'progress') {
      if (token !== undefined)
        voice.notify('notifications/progress', { progressToken: token, progress: act.at, message: nonce });
    } else if (step === 'log') voice.notify('notifications/message', { level: 'emergency', data: nonce });
    else if (step === 'ask') {
      act.asking = true;
      voice.ask(act);
    } else this.#end(act);
  }

  #end(act: Act): void {
    const { script, voice, given } = act;
    if (script.end === 'hang') {
      // Stays where it is: only a cancellation ends it.
      act.asking = true;
      return;
    }
    act.open = false;
    const content = [{ type: 'text', text: JSON.stringify({ nonce: script.nonce, given }) }];
    if (script.end === 'finish') voice.result({ content });
    else if (script.end === 'fail') voice.result({ content, isError: true });
    else if (script.end === 'error') voice.error(script.nonce);
    else voice.drop();
  }
}
