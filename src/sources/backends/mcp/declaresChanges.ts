import { isObject } from '../../../protocol/jsonrpc.js';
import type { Greeting } from './upstreamEra.js';

/** Whether a legacy server has said that it tells of lists or resources that change (2.4). */
export const declaresChanges = ({ capabilities }: Greeting): boolean =>
  ['tools', 'resources', 'prompts'].some((key) => {
    const capability = capabilities[key];
    return isObject(capability) && (capability['listChanged'] === true || capability['subscribe'] === true);
  });
