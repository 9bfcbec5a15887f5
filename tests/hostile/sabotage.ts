// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the table holds source text
/**
 * Which test guards which guard: each row removes one, and names the test that must then fail and what it must say.
 * Where several guards stand behind each other, a row removes them all.
 */
export type Cut = { file: string; find: string; replace: string }

export type Sabotage = {
  guard: string
  cuts: readonly Cut[]
  /** `name` is the end of the test's full name */
  test: { file: string; name: string }
  /** what the failing test says: a meeting that merely broke down would say something else */
  notices: RegExp
}

const cut = (file: string, find: string, replace = ''): Cut => ({ file, find, replace })

/** The page's and the worker's belief that a participant sends encrypted, whatever the server says. */
const NEVER_OFF = [
  cut('web/src/call/hardening.ts', 'enable: (data) => ({ ...data, enabled: true }),', 'enable: same,'),
  cut('web/src/call/hardening.ts', '    this.enable(sender)\n    const flow', '    const flow'),
  cut('web/src/call/hardened-worker.ts', "return kind === 'enable' ?", "return kind === '' ?"),
]
const ONLY_ENCRYPTED_LEAVES = cut(
  'web/src/call/hardening.ts',
  'writableStream: this.onlyEncrypted(data.writableStream as WritableStream<Frame>),',
)
const ONLY_ANNOUNCED = cut(
  'web/src/call/reception.ts',
  'track.encrypted && this.nameOf(peer.id) !== undefined && this.isWanted(peer.id, track)',
  'this.isWanted(peer.id, track)',
)
/** Whom an alarm concerns is neither shown nor heard, whatever was received. */
const SILENCED = cut('web/src/call/reception.ts', 'wanted && !this.alarms.concern(peer.id)', 'wanted')
const STRANGERS_ALARM = cut('web/src/call/reception.ts', 'return this.now() - since >= UNKNOWN_MS', 'return since < 0')
const NEWER_ONLY = cut('web/src/call/roster.ts', 'announcement.seq > (seen?.seq ?? 0)', 'true')

const SIGNED_BY_THEMSELVES = cut(
  'web/src/call/roster.ts',
  '(await verifyText(key, told.sig, words({ ...this.at, pseudonym }, told))) ? told : undefined',
  'told',
)
/** Everybody counts, whatever they can show. */
const ADMITTED = cut(
  'web/src/call/roster.ts',
  'seat.admission, this.law())',
  "seat.admission, this.law()) ?? 'participant'",
)

const LIES = 'lies-about-encryption.test.ts'
const STRANGERS = 'strangers.test.ts'
const STARTS = 'encryption-cannot-start.test.ts'
const ANNOUNCEMENTS = 'announcements.test.ts'
const SWAPPED = 'announcements under a pseudonym or in an opening that is not theirs are refused'

export const sabotages: readonly Sabotage[] = [
  {
    guard: 'a track called unencrypted alarms',
    cuts: [
      cut('web/src/call/engine.ts', 'trackInfo?.encryption === Encryption_Type.GCM &&', 'trackInfo !== undefined &&'),
    ],
    test: { file: LIES, name: 'a track called unencrypted from the start is neither shown nor heard in Chromium' },
    notices: /an alert tells Hanna/,
  },
  {
    guard: 'a track called unencrypted in the call alarms',
    cuts: [
      cut('web/src/call/engine.ts', 'trackInfo?.encryption === Encryption_Type.GCM &&', 'trackInfo !== undefined &&'),
    ],
    test: { file: LIES, name: 'a track called unencrypted in the middle of the call is taken away in Firefox' },
    notices: /an alert tells Hanna/,
  },
  {
    guard: 'a track called unencrypted is not received',
    cuts: [ONLY_ANNOUNCED],
    test: { file: LIES, name: 'a track called unencrypted from the start is neither shown nor heard in Firefox' },
    notices: /Hanna sees and hears nothing/,
  },
  ...(['Chromium', 'Firefox'] as const).map((browser) => ({
    guard: `frames in clear do not pass in ${browser}`,
    cuts: [...NEVER_OFF, ONLY_ANNOUNCED, SILENCED],
    test: { file: LIES, name: `a stranger in clear on Gustav's chair is neither shown nor heard in ${browser}` },
    notices: /Hanna sees and hears nothing/,
  })),
  {
    guard: 'a track without a codec is not received',
    cuts: [cut('web/src/call/engine.ts', ' && /^(audio|video)\\/\\w+$/.test(trackInfo.mimeType)')],
    test: { file: LIES, name: "a track without a codec's name gets past no decryption in Firefox" },
    notices: /Hanna sees and hears nothing/,
  },
  ...(['Chromium', 'Firefox'] as const).map((browser) => ({
    guard: `only who announced themselves is received in ${browser}`,
    cuts: [...NEVER_OFF, ONLY_ANNOUNCED, SILENCED],
    test: { file: STRANGERS, name: `a stranger who sends in clear is neither shown nor heard in ${browser}` },
    notices: /Hanna sees and hears nothing/,
  })),
  {
    guard: 'a stranger alarms',
    cuts: [STRANGERS_ALARM],
    test: { file: STRANGERS, name: 'a subscriber without key alarms, and receives only sealed frames from Chromium' },
    notices: /an alert tells Hanna/,
  },
  {
    guard: 'klausur removes whom nobody seated',
    cuts: [
      cut(
        'klausur/media/reconcile.py',
        'steps += [self._step(self._engine.remove(room, who)) for room, who in sorted(repairs.remove)]',
      ),
    ],
    test: { file: STRANGERS, name: 'klausur removes a stranger from its own engine' },
    notices: /Hanna sees the button “Encryption: on”/,
  },
  ...(['Chromium', 'Firefox'] as const).map((browser) => ({
    guard: `nothing leaves unencrypted from ${browser}`,
    cuts: [
      ONLY_ENCRYPTED_LEAVES,
      cut('web/src/call/hardening.ts', '    if (!this.own) return undefined\n    this.enable(this.own)\n'),
      cut(
        'web/src/call/hardening.ts',
        'participantIdentity: this.own,\n      trackId: sent(data.trackId),\n',
        'trackId: sent(data.trackId),\n',
      ),
      cut('web/src/call/engine.ts', 'this.nameOneself(keys.me), '),
      cut(
        'web/src/call/engine.ts',
        '    await this.room.connect(url, ticket, { autoSubscribe: false, maxRetries: 0, rtcConfig: { iceServers: [] } })\n',
        '    await this.room.connect(url, ticket, { autoSubscribe: false, maxRetries: 0, rtcConfig: { iceServers: [] } })\n' +
          '    this.ownAcknowledged = true\n    this.events?.encrypted()\n',
      ),
    ],
    test: { file: STARTS, name: `a worker told neither sends nothing and shows nothing in ${browser}` },
    notices: /nothing reached the keyless listener/,
  })),
  {
    guard: 'received and sent tracks have names of their own in the worker',
    cuts: [
      ONLY_ENCRYPTED_LEAVES,
      cut('web/src/call/hardening.ts', 'return `sent ${String(trackId)}`', 'return String(trackId)'),
      cut('web/src/call/hardening.ts', 'return `received ${String(trackId)}`', 'return String(trackId)'),
    ],
    test: {
      file: LIES,
      name: "a remote track that bears the name of one's own camera leaves Chromium sending nothing in clear",
    },
    notices: /clear reached the keyless listener/,
  },
  {
    guard: 'no seat without a worker that started',
    cuts: [cut('web/src/call/session.ts', 'await this.media.connection.ready()')],
    test: { file: STARTS, name: 'a worker that cannot start takes no seat in Chromium' },
    notices: /This browser cannot encrypt meetings/,
  },
  {
    guard: 'browsers without frame transforms are told so',
    cuts: [cut('web/src/call/support.ts', 'transformsFrames(scope) &&')],
    test: {
      file: STARTS,
      name: 'a browser without frame transforms is told so and takes no seat and no device in Firefox',
    },
    notices: /This browser cannot encrypt meetings/,
  },
  {
    guard: 'a dead worker is noticed',
    cuts: [cut('web/src/call/hardened-worker.ts', 'if (now - this.lastWord > SILENCE_MS) this.fail()')],
    test: { file: STARTS, name: 'a worker that ends during the call stops everything and alarms in Chromium' },
    notices: /an alert tells Hanna/,
  },
  {
    guard: 'data in clear alarm',
    cuts: [cut('web/src/call/engine.ts', 'if (encryption !== Encryption_Type.GCM) events.plaintextData(identity)')],
    test: { file: 'injections.test.ts', name: 'data in clear from the server are discarded and alarm in Chromium' },
    notices: /the data came to something/,
  },
  {
    guard: 'what the server calls people is not read',
    cuts: [
      cut(
        'web/src/call/engine.ts',
        'id: participant.identity,',
        "id: ((document.body.title = participant.name ?? ''), participant.identity),",
      ),
    ],
    test: { file: 'injections.test.ts', name: 'names and metadata of the server stand nowhere' },
    notices: /what the server calls people stands nowhere/,
  },
  {
    guard: 'announcements and admissions are bound to their pseudonym',
    cuts: [
      cut('web/src/call/keys.ts', 'announcement v1|${meeting}|${session}|${pseudonym}`', 'announcement v1|${meeting}`'),
      ADMITTED,
    ],
    test: { file: ANNOUNCEMENTS, name: SWAPPED },
    notices: /nobody has Otto’s name beside him/,
  },
  {
    guard: 'announcements are bound to their pseudonym, to their order and to a key',
    cuts: [
      cut('web/src/call/keys.ts', 'announcement v1|${meeting}|${session}|${pseudonym}`', 'announcement v1|${meeting}`'),
      NEWER_ONLY,
      SIGNED_BY_THEMSELVES,
    ],
    test: { file: ANNOUNCEMENTS, name: SWAPPED },
    notices: /Gustav is not called Otto/,
  },
  {
    guard: 'old announcements stay old',
    cuts: [NEWER_ONLY],
    test: { file: ANNOUNCEMENTS, name: 'an older announcement does not replace a newer one' },
    notices: /the old name stays away/,
  },
  {
    guard: 'announcements are bound to their opening',
    cuts: [
      cut('web/src/call/keys.ts', 'announcement v1|${meeting}|${session}|', 'announcement v1|${meeting}|'),
      cut(
        'web/src/call/keys.ts',
        "derive(secret, 'klausur announcement v1', session)",
        "derive(secret, 'klausur announcement v1')",
      ),
    ],
    test: { file: ANNOUNCEMENTS, name: SWAPPED },
    notices: /Mallory is not here by what she said elsewhere/,
  },
  {
    guard: 'nobody else is oneself',
    cuts: [cut('web/src/call/roster.ts', 'pseudonym === this.at.me || ')],
    test: { file: ANNOUNCEMENTS, name: SWAPPED },
    notices: /Hanna is there once|Hanna sees the region “People”[\s\S]*each_key_duplicate/,
  },
  {
    guard: 'announcements are signed by the seat’s own key',
    cuts: [SIGNED_BY_THEMSELVES],
    test: { file: ANNOUNCEMENTS, name: 'what another member says in somebody’s name is refused' },
    notices: /Gustav is not called Mallory/,
  },
  {
    guard: 'a seat has one key, which was let in',
    cuts: [ADMITTED, cut('web/src/call/roster.ts', 'seen ? seen.key !== key :', 'seen ? false :')],
    test: { file: ANNOUNCEMENTS, name: 'what another member says in somebody’s name is refused' },
    notices: /Mallory does not sit on Gustav’s chair/,
  },
  {
    guard: 'only who was let in counts',
    cuts: [ADMITTED],
    test: { file: ANNOUNCEMENTS, name: 'whoever cannot show who let them in is nobody' },
    notices: /Mallory is not there/,
  },
  {
    guard: 'a MAC is checked',
    cuts: [cut('web/src/call/admission.ts', "return right ? 'participant' : undefined", "return 'participant'")],
    test: { file: ANNOUNCEMENTS, name: 'whoever cannot show who let them in is nobody' },
    notices: /Mallory is not there/,
  },
  {
    guard: 'a certificate is checked',
    cuts: [
      cut(
        'web/src/call/admission.ts',
        '(await verifyText(signer, signature, statement(place, role, not_after))) ? role : undefined',
        'role',
      ),
    ],
    test: { file: ANNOUNCEMENTS, name: 'whoever cannot show who let them in is nobody' },
    notices: /Mallory is not there/,
  },
  {
    guard: 'acts are signed by their actor',
    cuts: [cut('web/src/call/acts.ts', '(await verifyText(key, sig, words(place, act))) ? act : undefined', 'act')],
    test: { file: ANNOUNCEMENTS, name: 'acts that their actor has not signed, or has no power for, are not obeyed' },
    notices: /for all that Mallory says in Hanna’s name/,
  },
  {
    guard: 'acts are judged by the power behind them',
    cuts: [cut('web/src/call/acts.ts', "if (actor === 'participant') return false")],
    test: { file: ANNOUNCEMENTS, name: 'acts that their actor has not signed, or has no power for, are not obeyed' },
    notices: /Otto is there for all that Mallory says/,
  },
  {
    guard: 'somebody unannounced alarms',
    cuts: [STRANGERS_ALARM],
    test: { file: ANNOUNCEMENTS, name: 'somebody whom the server does not announce is an alarm, and not shown' },
    notices: /an alert tells Hanna/,
  },
  {
    guard: 'a wrong secret that was let in alarms',
    cuts: [STRANGERS_ALARM],
    test: {
      file: 'link-secret.test.ts',
      name: 'a damaged secret that the server lets in sees and hears nothing, and is an alarm, in Firefox',
    },
    notices: /an alert tells Hanna/,
  },
  {
    guard: 'the link’s fingerprint decides on the host key',
    cuts: [
      cut(
        'web/src/call/meetings.ts',
        "if (!(await isHostKey(view.host_public_key, link.host))) throw new Problem('no_meeting')",
      ),
    ],
    test: { file: 'link-secret.test.ts', name: "another host key than the link's is no meeting" },
    notices: /There is no meeting here/,
  },
  {
    guard: 'the link proof decides on the meeting',
    cuts: [cut('klausur/actions/door.py', 'if found is None or not right:', 'if found is None:')],
    test: { file: 'link-secret.test.ts', name: 'a damaged secret takes no seat' },
    notices: /There is no meeting here/,
  },
  {
    guard: 'a seat that is gone has no tickets',
    cuts: [
      cut('klausur/domain/meeting.py', 'if seat.state not in SEATED or (ticket.session', 'if (ticket.session'),
      cut('klausur/actions/leave_seat.py', 'await unit.tickets.void(opening.session, inside)\n', 'pass\n'),
      cut('klausur/actions/presence.py', '            _require_among(before, among)\n'),
    ],
    test: {
      file: 'coming-back.test.ts',
      name: 'a ticket in use opens no second socket, and none after its bearer has left',
    },
    notices: /to be 401/,
  },
  {
    guard: 'tokens of the engine stay on the server',
    cuts: [
      cut(
        'klausur/media/livekit.py',
        'return None if message.WhichOneof("message") in ("refresh_token", "room_moved") else raw',
        'return raw',
      ),
    ],
    test: { file: 'coming-back.test.ts', name: 'no token of the engine ever reaches a browser' },
    notices: /no token is heard/,
  },
  {
    guard: 'tracks in clear end the connection',
    cuts: [
      cut(
        'klausur/media/livekit.py',
        'if kind == "add_track" and not _encrypted([message.add_track]):\n        return _CLOSE\n',
        'if False:\n        return _CLOSE\n',
      ),
    ],
    test: {
      file: 'tracks-in-clear.test.ts',
      name: 'a track announced in clear ends the connection, or keeps it from opening',
    },
    notices: /deeply equal/,
  },
]
