import { Type, type TProperties } from '@sinclair/typebox';

/** A part of the configuration of which nothing has to be written, and in which nothing else may be. */
export const section = <P extends TProperties>(description: string, properties: P) =>
  Type.Partial(Type.Object(properties, { additionalProperties: false, description }));
