/**
 * The directions in which the parts of src/ may import each other:
 *
 *   protocol ← streams ← operators ← handlers ← pipeline ← gateway ← cli ← main
 *              streams ← sources, sinks, stores          ← gateway
 *   config (settings, limits) can be read by all but protocol
 *
 * Types count like values: a direction is about what a reader has to know.
 */
const settings = '^src/config/(settings|(?!to[A-Z])[a-z][A-Za-z]*Settings|limits|secret)\\.ts$';
/** The two ends of a byte stream: operators, but what a source parses and a sink frames with. */
const framing = '^src/operators/(parseSse|toSseFrames|toJsonBody)\\.ts$';
const packages = 'node_modules';

/** Files in `from` import, of all that is ours, only what `to` matches. */
const only = (name, comment, from, to) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|generated|test|bench|scripts|examples)/', pathNot: to },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or three.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'ship-what-is-needed',
      comment: 'What src imports has to be in dependencies, not in devDependencies.',
      severity: 'error',
      from: { path: '^src' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional'] },
    },
    only(
      'protocol-is-pure',
      'The protocol knows messages only: no streams, no settings, no I/O.',
      '^src/protocol/',
      '^(src/protocol|generated)/',
    ),
    {
      name: 'protocol-needs-little',
      comment:
        'The protocol is pure: it needs a hash, a validator, the languages of patterns, expressions and patches; not RxJS, not the network.',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: {
        dependencyTypes: ['core', 'npm'],
        pathNot: [
          '^(node:)?(crypto|buffer|string_decoder)$',
          `${packages}/(ajv|ajv-formats|re2js|jsonata|rfc6902)/`,
        ],
      },
    },
    only(
      'streams-below-operators',
      'What flows does not know what happens to it; only the assembled pipeline says what does.',
      '^src/streams/(?!(pipeline|callPipeline|taskPipeline)\\.ts$)',
      ['^src/(protocol|streams)/', settings],
    ),
    only(
      'operators-below-gateway',
      'An operator knows the stream it stands in, not where it comes from or goes to.',
      '^src/operators/',
      ['^src/(protocol|streams|operators)/', settings],
    ),
    only(
      'handlers-below-gateway',
      'A handler answers a method by what streams and operators give it.',
      '^src/handlers/',
      ['^src/(protocol|streams|operators|handlers)/', settings],
    ),
    only(
      'sources-stand-alone',
      'A source knows the outside world and what flows, not what is done with it.',
      '^src/sources/(?!fromConfigFile)',
      ['^src/(protocol|streams|sources)/', settings, framing],
    ),
    only(
      'config-source',
      'The file of the configuration becomes a stream: the one source that reads it.',
      '^src/sources/fromConfigFile',
      ['^src/(protocol|streams|sources|config)/'],
    ),
    only('sinks-stand-alone', 'A sink knows what flows and where it leaves.', '^src/sinks/', [
      '^src/(protocol|streams|sinks)/',
      settings,
      framing,
    ]),
    only(
      'replay-is-a-client',
      'What replays knows the protocol and its recordings, not the gateway that it is replayed against.',
      '^src/replay/',
      ['^src/(protocol|replay)/', '^src/sources/numberedLines\\.ts$'],
    ),
    only('stores-stand-alone', 'A store knows what it keeps.', '^src/stores/', [
      '^src/(protocol|streams|stores)/',
      settings,
    ]),
    only('config-stands-alone', 'The configuration is data.', '^src/config/', ['^src/(protocol|config)/']),
    {
      name: 'nobody-imports-the-program',
      comment: 'main starts the program, index is its public face: both are ends.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/(main|index)\\.ts$' },
    },
    {
      name: 'gateway-is-the-top',
      comment: 'The gateway wires everything; only the command line and the public face know it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli/|gateway/|(main|index|gateway|streams/pipeline)\\.ts$)' },
      to: { path: '^src/(gateway/|(gateway|streams/pipeline)\\.ts$)' },
    },
    {
      name: 'command-line-is-an-end',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli/|main\\.ts$)' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'src-knows-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts|examples)/' },
    },
    {
      name: 'no-deprecated-builtins',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['core'], path: '^(node:)?(punycode|domain|sys|constants)$' },
    },
  ],
  options: {
    doNotFollow: { path: packages },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json', '.d.ts'],
    },
  },
};
