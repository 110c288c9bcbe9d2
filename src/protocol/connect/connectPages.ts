import type { ConnectLink } from './connectLink.js';
import type { ConnectPage } from './connectPage.js';

interface Page {
  readonly status: number;
  readonly page: ConnectPage;
}

const again = 'Go back to your application and let it call again: it will give you a new link.';

const failed = (status: number, title: string, ...paragraphs: readonly string[]): Page => ({
  status,
  page: { title, paragraphs: [...paragraphs, again] },
});

/** What is going on, whom it concerns, and what to do if it was not oneself: in the words of somebody who has never heard of OAuth. */
const explained = ({ server, clientId, wanted }: ConnectLink): readonly string[] => [
  `An application${clientId === undefined ? '' : ` (${clientId})`} wants to use “${server}” in your name, through this gateway. “${server}” will ask you whether you agree.`,
  ...(wanted === undefined || wanted.length === 0 ? [] : [`It needs to be allowed: ${wanted.join(', ')}.`]),
  'Have you not just asked an application of yours for something? Then close this page: somebody may have sent you a link that is not meant for you.',
];

/** The pages of a person who authorizes the gateway at a server, in plain words. */
export const connectPages = {
  askSignIn: (link: ConnectLink, path: string): Page => ({
    status: 200,
    page: {
      title: `Connect “${link.server}”`,
      paragraphs: [...explained(link), 'First sign in, so that it is sure to be you who has asked.'],
      next: { path, label: 'Sign in and go on' },
    },
  }),
  askKey: (link: ConnectLink, path: string, step: string): Page => ({
    status: 200,
    page: {
      title: `Connect “${link.server}”`,
      paragraphs: [
        ...explained(link),
        'First enter your own API key, the one that your application uses, so that it is sure to be you who has asked. Never enter a key that somebody has sent you.',
      ],
      asksKey: { path, step },
    },
  }),
  /** The person has shown who it is. */
  known: ({ server }: ConnectLink, path: string, name: string | undefined): Page => ({
    status: 200,
    page: {
      title: `Connect “${server}”`,
      paragraphs: [
        name === undefined
          ? 'It is your key.'
          : `You are signed in as ${name}. Are you not? Then close this page.`,
        `Now “${server}” will ask you whether you agree. What you agree to there is used for you here.`,
      ],
      next: { path, label: 'Go on' },
    },
  }),
  done: (server: string): Page => ({
    status: 200,
    page: {
      title: 'Connected',
      paragraphs: [
        `The gateway may use “${server}” in your name now. You can close this page and go back to your application.`,
      ],
    },
  }),
  lost: failed(
    400,
    'This link is good no more',
    'It is too old, was used before, or was opened in another browser.',
  ),
  notOwner: (name: string | undefined): Page =>
    failed(
      403,
      'This link is not yours',
      ...(name === undefined ? [] : [`You are signed in as ${name}.`]),
      'You are somebody else than the one who has asked for it. Nothing was connected. If somebody has sent you the link, do not follow it.',
    ),
  refused: (server: string): Page =>
    failed(403, 'Not connected', `You, or the login of “${server}”, have not agreed. Nothing was connected.`),
  failed: (server: string): Page =>
    failed(
      502,
      'Not connected',
      `“${server}” could not be connected. Whoever runs this gateway finds the reason in its log.`,
    ),
  busy: failed(503, 'Not now', 'This can not be checked at the moment.'),
} as const;
