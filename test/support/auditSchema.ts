import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, discriminator: false });
addFormats.default(ajv);
const validate = ajv.compile(
  JSON.parse(
    readFileSync(new URL('../../schema/audit-record.schema.json', import.meta.url), 'utf8'),
  ) as object,
);

/** Says what is wrong with a record of an audit trail, if it is not as the published schema says. */
export const assertAuditRecord = (record: unknown): void => {
  assert.ok(validate(record), `${ajv.errorsText(validate.errors)}\n${JSON.stringify(record, null, 1)}`);
};
