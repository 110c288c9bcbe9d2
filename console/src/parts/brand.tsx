import mark from '../icon.svg';

/** The name with its mark. */
export const Brand = ({ large = false }: { readonly large?: boolean }) => (
  <span class={large ? 'brand large' : 'brand'}>
    <img src={mark} alt="" width={large ? 32 : 24} height={large ? 32 : 24} /> Sluice
  </span>
);
