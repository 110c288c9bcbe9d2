import { useEffect } from 'preact/hooks';
import type { Configuration as ConfigurationData } from '../api/contract.js';
import { isAdmin } from '../api/isAdmin.js';
import { live } from '../api/live.js';
import { useResource } from '../api/useResource.js';
import { format } from '../format.js';
import { Facts } from '../parts/facts.js';
import { Json } from '../parts/json.js';
import { Loaded } from '../parts/loaded.js';
import { Notices } from '../parts/notices.js';
import { Panel } from '../parts/panel.js';
import { View } from '../parts/view.js';
import { CheckConfiguration } from './checkConfiguration.js';

/** What the gateway runs with, its secrets masked, and a place to try a text before it goes into the file. */
export const Configuration = () => {
  const asked = useResource<ConfigurationData>('/configuration');
  const changes = live.configured.value;
  useEffect(() => {
    if (changes > 0) asked.reload();
  }, [changes]);
  return (
    <View title="Configuration" about="It is changed in its file, which is read again as soon as it changes.">
      <Loaded of={asked}>
        {(configuration) => (
          <>
            {configuration.restart_needed.length === 0 ? null : (
              <Panel title="Waits for a restart">
                <Notices of={configuration.restart_needed} />
              </Panel>
            )}
            <Panel title="Now">
              <Facts
                of={{
                  Files: configuration.files.join(', '),
                  Changed: format.time(configuration.changed_at),
                }}
              />
              {configuration.notes.length === 0 ? null : <Notices of={configuration.notes} />}
              <details open>
                <summary>In effect, secrets masked</summary>
                <Json of={configuration.effective} label="Configuration in effect" />
              </details>
            </Panel>
            {isAdmin() ? <CheckConfiguration text={configuration.text ?? ''} /> : null}
          </>
        )}
      </Loaded>
    </View>
  );
};
