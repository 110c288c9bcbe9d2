import type { ToolAnnotations } from '../../../../protocol/mcp.js';
import { restLimits } from '../restLimits.js';
import { isRead, restOf, type RestTool } from '../restTool.js';
import { LeftOut } from './leftOut.js';
import type { Operation } from './listOperations.js';
import { readOutput } from './readOutput.js';
import { readParameters, type Parameters } from './readParameters.js';
import { readRequestBody, type RequestBody } from './readRequestBody.js';
import type { OpenApiDocument } from './resolveRef.js';
import type { SchemaLibrary } from './schemaLibrary.js';
import { toolSchema, type ToolSchema } from './toolSchema.js';

/** The schemas of a document, once for each direction. */
export interface SchemaLibraries {
  readonly input: SchemaLibrary;
  readonly output: SchemaLibrary;
}

/**
 * One operation as a tool: parameters and body are its arguments, summary and description its description, the method's meaning
 * its annotations.
 *
 * Arguments the document doesn't name go to the query of GET, HEAD and DELETE and are merged into the body of anything else.
 *
 * @param libraries the document's schemas
 * @param warn told of parts that had to be left out
 * @throws LeftOut when it can't be a tool
 */
export const operationTool = (
  document: OpenApiDocument,
  operation: Operation,
  libraries: SchemaLibraries,
  warn: (warning: string) => void,
): RestTool => {
  if (operation.ownServers) throw new LeftOut('it names servers of its own');
  const { facts, method, name } = operation;
  const schemas = toolSchema(libraries.input, restLimits.inputNodes);
  const body = readRequestBody(document, facts['requestBody'], schemas);
  const parameters = readParameters(document, operation, schemas, body !== undefined);
  const input = inputSchema(parameters, body, schemas);
  if (schemas.cut) warn('its input schema is shown in part: it is too large');
  const output = readOutput(document, facts['responses'], libraries.output);
  return {
    definition: {
      name,
      description: descriptionOf(operation),
      inputSchema: input,
      ...(output.schema === undefined ? {} : { outputSchema: output.schema }),
      annotations: annotationsOf(method),
    },
    method,
    path: parameters.path,
    slots: parameters.slots,
    body: 'body',
    rest: restOf(method),
    encoding: body?.encoding ?? 'json',
    contentType: body?.contentType ?? 'application/json',
    sendEmptyBody: body?.required === true,
    streaming: output.streaming,
  };
};

const inputSchema = (
  parameters: Parameters,
  body: RequestBody | undefined,
  schemas: ToolSchema,
): Readonly<Record<string, unknown>> => {
  const properties = new Map(parameters.properties);
  const required = [...parameters.required];
  if (body !== undefined) {
    properties.set('body', body.schema);
    if (body.required) required.push('body');
  }
  const defs = schemas.defs();
  return {
    type: 'object',
    ...(properties.size === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(required.length === 0 ? {} : { required }),
    ...(defs === undefined ? {} : { $defs: defs }),
  };
};

const descriptionOf = ({ name, facts }: Operation): string => {
  const { summary, description, deprecated } = facts;
  const texts = [summary, description]
    .filter((text) => typeof text === 'string')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  // Many documents repeat the one in the other.
  const told = texts.length === 2 && texts[1]?.startsWith(texts[0] ?? '') === true ? texts.slice(1) : texts;
  const text = told.join('\n\n') || name;
  return deprecated === true ? `Deprecated. ${text}` : text;
};

/** RFC 9110, 9.2: GET and HEAD are safe; PUT and DELETE are idempotent. */
const annotationsOf = (method: string): ToolAnnotations => {
  if (isRead(method)) return { readOnlyHint: true };
  if (method === 'PUT') return { readOnlyHint: false, idempotentHint: true };
  if (method === 'DELETE') return { readOnlyHint: false, idempotentHint: true, destructiveHint: true };
  return { readOnlyHint: false };
};
