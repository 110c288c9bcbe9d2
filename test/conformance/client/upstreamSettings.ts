import type { Order } from './order.js';

/** The one that the suite expects of clients that have one. */
const clientMetadataUrl = 'https://conformance-test.local/client-metadata.json';

/**
 * What a scenario needs in the configuration of the server behind the gateway, beside its URL: how the gateway authorizes itself,
 * from the credentials in the scenario's context.
 */
export const upstreamSettings = ({ scenario, context }: Order): Readonly<Record<string, unknown>> => {
  // All scenarios run at once, and a flow is some ten requests.
  const patient = { list_timeout: '60s', timeout: '60s' };
  if (!scenario.startsWith('auth/')) return patient;
  const { client_id, client_secret, private_key_pem } = context;
  const client = {
    ...(client_id !== undefined && { client_id }),
    ...(client_secret !== undefined && { client_secret }),
    ...(private_key_pem !== undefined && { private_key: private_key_pem }),
  };
  if (scenario.startsWith('auth/client-credentials'))
    return { ...patient, oauth: { grant: 'client_credentials', ...client } };
  return { ...patient, oauth: { ...client, client_metadata_url: clientMetadataUrl } };
};
