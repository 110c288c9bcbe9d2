/**
 * The command that the suite runs for each scenario: hands the order to the driver that waits for it (driverServer.ts) and
 * ends with 0 when that has done what the scenario wants. So thirty scenarios at once are thirty small processes, not thirty
 * gateways with a compiler each.
 */
const {
  SLUICE_CONFORMANCE_DRIVER,
  MCP_CONFORMANCE_SCENARIO,
  MCP_CONFORMANCE_CONTEXT,
  MCP_CONFORMANCE_PROTOCOL_VERSION,
} = process.env;
if (SLUICE_CONFORMANCE_DRIVER === undefined)
  throw new Error('there is no driver: npm run conformance:client');

const response = await fetch(SLUICE_CONFORMANCE_DRIVER, {
  method: 'POST',
  body: JSON.stringify({
    scenario: MCP_CONFORMANCE_SCENARIO,
    revision: MCP_CONFORMANCE_PROTOCOL_VERSION,
    context: MCP_CONFORMANCE_CONTEXT,
    url: process.argv.at(-1),
  }),
});
if (!response.ok) {
  console.error(await response.text());
  process.exitCode = 1;
}
