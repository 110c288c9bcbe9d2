/** Whether a `Content-Type` says JSON, with or without parameters. */
export const isJson = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^application\/json\s*(;|$)/i.test(contentType);
