import { badReading, type ConfigReading } from './configReading.js';
import { placesIn } from './placesIn.js';
import type { Terminal } from './terminal.js';

/**
 * Imports the pipeline that a configuration names, if any, and assembles it once to see that it works.
 *
 * @param reading of the configuration
 * @param config the configuration file, as on the command line
 * @returns the same reading, with a note for what the pipeline leaves out; a bad one where it can not be used
 */
export const triedPipeline = async (
  reading: ConfigReading,
  config: string,
  terminal: Terminal,
): Promise<ConfigReading> => {
  if (reading.settings?.pipeline === undefined) return reading;
  const { settings, file } = reading;
  const { pipeline } = reading.settings;
  const line = placesIn(config, terminal)('/pipeline')?.line ?? 1;
  const place = { path: 'pipeline', line, column: 1 };
  // Only for who has one: the other commands answer sooner without.
  const { importPipeline } = await import('../sources/pipeline/importPipeline.js');
  const { PipelineError } = await import('../sources/pipeline/pipelineError.js');
  const { tryPipeline } = await import('../gateway/tryPipeline.js');
  try {
    const left = tryPipeline(await importPipeline(pipeline), settings, pipeline.name);
    const notes = [...(settings.notes ?? []), ...left.map((message) => ({ ...place, message }))];
    return { file, settings: { ...settings, notes } };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return badReading(file, [{ ...place, file, message: error.message, remedy: error.remedy }]);
  }
};
