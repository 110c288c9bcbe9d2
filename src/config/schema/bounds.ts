/** How much may be under way, and how much is held, at a time. */
import { limits } from '../limits.js';
import { count, size } from './kinds.js';
import { section } from './section.js';

export const streams = section('How much may be under way at a time; one more is refused.', {
  per_client: count(
    'Most requests and streams of one client; without authentication, of one address.',
    limits.streamsPerClient,
    1_000_000,
  ),
  per_session: count('Most requests and streams of one session.', limits.streamsPerSession, 1_000_000),
  per_server: count(
    'Most calls to one server, those included that wait for their clients.',
    limits.streamsPerServer,
    1_000_000,
  ),
  listen: count('Most `subscriptions/listen` of all clients.', limits.listenStreams, 1_000_000),
  resources: count(
    'Most resources watched for one listen stream or session.',
    limits.watchedResources,
    100_000,
  ),
  resources_per_client: count(
    'Most resources watched for one client; without authentication, for one address.',
    limits.watchedPerClient,
    1_000_000,
  ),
  resources_per_server: count(
    'Most resources watched at one server, for all clients.',
    limits.watchedPerServer,
    10_000,
  ),
  asks: count('Most questions that a session has not answered.', limits.asksPerSession, 10_000),
  parked: count(
    'Most calls that wait, between two requests, for their clients.',
    limits.parkedCalls,
    1_000_000,
  ),
});

export const buffers = section('How much is held in memory at a time, by bytes.', {
  bodies: size('Unfinished request bodies of all clients.', limits.bodiesInFlightBytes),
  session_events: size(
    'Events kept for a session to come back for; the oldest are forgotten.',
    limits.maxKeptBytes,
  ),
  events: size('Events kept for all sessions.', limits.maxKeptTotalBytes),
  away: size('What comes for a client that is away before its backend is paused.', limits.awayBytes),
  websocket: size('What a WebSocket has not sent before its backends are paused.', limits.webSocketBytes),
  backend_message: size(
    'Largest message of a backend; a larger one fails its call.',
    limits.backendMessageBytes,
  ),
});
