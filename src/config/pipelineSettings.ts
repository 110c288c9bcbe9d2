/** The module with a chain of one's own. */
export interface PipelineSettings {
  /** As it is written. */
  readonly name: string;
  /** Absolute path of the file; undefined for the name of a package. */
  readonly path: string | undefined;
  /** Absolute path of the folder that the name of a package is looked up from. */
  readonly from: string;
}
