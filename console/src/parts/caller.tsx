interface CallerProps {
  readonly user: string | undefined;
  readonly client?: string | undefined;
}

/** Who calls, by the same name in every list; of nobody the client and nothing else may be known. */
export const Caller = ({ user, client }: CallerProps) =>
  user === undefined ? (
    <span class="quiet">nobody{client === undefined ? '' : ` (${client})`}</span>
  ) : (
    <>{user}</>
  );
