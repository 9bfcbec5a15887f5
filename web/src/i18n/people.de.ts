import type { PeopleWords } from './people.en'

export const de: PeopleWords = {
  loading: 'Wird geladen …',
  signIn: {
    heading: 'Anmelden',
    lead: 'Mit einem Konto starten und planen Sie Meetings. Zum Teilnehmen genügt der Link.',
    passkey: 'Mit Passkey anmelden',
    passkeyAsking: 'Folgen Sie Ihrem Browser …',
    noPasskeys: 'Unter dieser Adresse oder mit diesem Browser sind keine Passkeys möglich.',
    provider: (name) => `Mit ${name} anmelden`,
    or: 'oder mit Passwort',
    name: 'Anmeldename',
    password: 'Passwort',
    submit: 'Anmelden',
    working: 'Wird geprüft …',
    code: 'Code',
    codeHint: 'Sechs Ziffern aus Ihrer App',
    backup: 'Backup-Code verwenden',
    backupHint: 'Einer der zehn, die Sie aufbewahrt haben',
    app: 'Code aus der App verwenden',
    startOver: 'Von vorn beginnen',
    trust: 'Diesem Gerät vertrauen',
    trustHint:
      'Ihr Tresor bleibt dann hier auch nach dem Abmelden offen. Nur auf einem Gerät, das Ihnen allein gehört.',
    help: 'Anmelden klappt nicht?',
    helpText:
      'Niemand kann Ihnen Ihr Passwort zusenden: Dieser Server kennt es nicht. Die Administration gibt Ihnen einen Link, mit dem Sie einen neuen Passkey oder ein neues Passwort anlegen. Halten Sie Ihren Tresor-Wiederherstellungsschlüssel bereit: Ohne ihn bleiben Titel und Moderationsrechte früherer Meetings verschlossen.',
    helpWho: 'Betrieben wird dieser Server von:',
    refused: {
      heading: 'Das stimmt nicht',
      help: 'Name und Passwort passen nicht zusammen. Prüfen Sie beides und versuchen Sie es noch einmal.',
    },
    codeRefused: {
      heading: 'Der Code stimmt nicht',
      help: 'Jeder Code gilt einmal und eine halbe Minute lang. Geben Sie den ein, der jetzt zu sehen ist.',
    },
    missing: 'Geben Sie Name und Passwort ein.',
    passkeyRefused: {
      heading: 'Es kam kein Passkey',
      help: 'Es wurde abgebrochen, hat zu lange gedauert, oder auf diesem Gerät ist keiner. Versuchen Sie es noch einmal oder nehmen Sie einen anderen Weg.',
    },
    passkeyUnknown: {
      heading: 'Dieser Passkey ist hier nicht bekannt',
      help: 'Vielleicht wurde er aus Ihrem Konto entfernt. Melden Sie sich auf einem anderen Weg an.',
    },
    tooMany: {
      heading: 'Zu viele Versuche',
      help: (seconds) =>
        seconds > 90
          ? `Versuchen Sie es in etwa ${Math.ceil(seconds / 60)} Minuten noch einmal.`
          : `Versuchen Sie es in ${seconds} Sekunden noch einmal.`,
    },
    unreachable: {
      heading: 'Der Server antwortet nicht',
      help: 'Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
    },
    failed: {
      heading: 'Das hat nicht geklappt',
      help: 'Versuchen Sie es noch einmal. Bleibt es dabei, sagen Sie es denen, die diesen Server betreiben.',
    },
    signedOut: {
      heading: 'Sie sind abgemeldet',
      help: 'Die Sitzung ist zu Ende, oder in einem anderen Tab hat sich jemand anders angemeldet. Melden Sie sich neu an und versuchen Sie es dann noch einmal.',
    },
    secondFactor: {
      heading: 'Dafür braucht es einen zweiten Faktor',
      help: 'Sie sind ohne zweiten Faktor angemeldet. Melden Sie sich mit einem Passkey oder mit Ihrem Code neu an und versuchen Sie es dann noch einmal.',
    },
    passkeyExpired: {
      heading: 'Das hat zu lange gedauert',
      help: 'Der Server hat nicht länger auf Ihren Passkey gewartet. Versuchen Sie es noch einmal.',
    },
    unsafe: {
      heading: 'Das Passwort wurde nicht verwendet',
      help: 'Der Server wollte es auf eine Weise, die es nicht schützt. Sagen Sie es denen, die diesen Server betreiben.',
    },
    counting: {
      heading: 'Dieser Browser kann mit Passwörtern nicht umgehen',
      help: 'Ihm fehlt Speicher oder WebAssembly. Verwenden Sie einen Passkey oder einen anderen Browser.',
    },
    providerRefused: {
      heading: 'Der Anbieter hat Sie nicht angemeldet',
      help: 'Es wurde abgebrochen, oder der Anbieter hat abgelehnt. Versuchen Sie es noch einmal oder nehmen Sie einen anderen Weg.',
    },
    providerUnavailable: {
      heading: 'Der Anbieter antwortet nicht',
      help: 'Versuchen Sie es später noch einmal oder nehmen Sie einen anderen Weg.',
    },
    noAccount: {
      heading: 'Sie haben hier kein Konto',
      help: 'Der Anbieter kennt Sie, dieser Server nicht. Bitten Sie die Administration um eine Einladung.',
    },
  },
  invitation: {
    setup: 'Klausur einrichten',
    setupLead: 'Sie sind hier die erste Person: Jetzt entsteht das Konto der ersten Administration.',
    invitation: 'Willkommen bei Klausur',
    invitationLead: (role) => `Jetzt entsteht Ihr Konto. Ihre Rolle: ${role}.`,
    reset: 'Neuen Zugang anlegen',
    resetLead: 'Ihre alten Passkeys und Ihr altes Passwort gelten danach nicht mehr.',
    roles: { organiser: 'Organisation', administrator: 'Administration', auditor: 'Prüfung' },
    resetDone:
      'Ihr neuer Zugang gilt ab jetzt. Öffnen Sie Ihren Tresor einmal mit dem Wiederherstellungsschlüssel, dann öffnet ihn auch der neue Zugang.',
    resetDoneOnly:
      'Ihr neuer Zugang gilt ab jetzt. Ihren Tresor kann er nicht öffnen: Das tut weiter nur der Wiederherstellungsschlüssel. Sie brauchen ihn hier einmal, und auf jedem Gerät, dem Sie nicht vertrauen, bei jedem Anmelden.',
    gone: 'Dieser Link gilt nicht mehr',
    goneHelp: 'Er wurde schon verwendet oder ist zu alt. Bitten Sie die Administration um einen neuen.',
    goneSetup:
      'Er wurde schon verwendet oder ist zu alt. Solange es keine Administration gibt, zeigt der Server bei jedem Start einen neuen.',
    home: 'Zur Startseite',
    name: 'Anmeldename',
    nameHint: 'In Meetings sieht ihn niemand.',
    noName: 'Geben Sie einen Namen ein, mit dem Sie sich anmelden.',
    unfit: 'Ein Anmeldename hat 2 bis 64 Zeichen und nichts, was man nicht sehen kann.',
    taken: 'Diesen Namen hat schon jemand. Wählen Sie einen anderen.',
    passkey: 'Passkey anlegen',
    passkeyWhy:
      'Sie melden sich dann mit Fingerabdruck, Gesicht oder PIN Ihres Geräts an. Niemand kann ihn erraten oder Ihnen ablisten.',
    making: 'Das Konto wird angelegt …',
    or: 'oder ein Passwort',
    proceed: 'Weiter',
    passkeyLabel: 'Erster Passkey',
  },
  password: {
    label: 'Passwort',
    repeat: 'Passwort wiederholen',
    rule: 'Mindestens 12 Zeichen. Am besten mehrere Wörter, die nichts miteinander zu tun haben.',
    short: 'Zu kurz: mindestens 12 Zeichen.',
    weak: 'Zu leicht zu erraten.',
    good: 'Gut.',
    strong: 'Sehr gut.',
    differ: 'Die beiden Passwörter sind nicht gleich.',
    judging: 'Das Passwort wird beurteilt …',
    unjudged:
      'Wie sicher das Passwort ist, ließ sich nicht beurteilen. Prüfen Sie Ihre Verbindung und ändern Sie es noch einmal.',
    weaknesses: {
      keyboard: 'Tasten, die nebeneinander liegen, werden zuerst geraten.',
      repeats: 'Wiederholungen helfen wenig.',
      sequence: 'Folgen wie abc oder 123 werden zuerst geraten.',
      date: 'Daten und Jahreszahlen werden zuerst geraten.',
      common: 'Viele verwenden es oder ein sehr ähnliches.',
      word: 'Ein einzelnes Wort ist schnell erraten.',
      name: 'Namen werden zuerst geraten, vor allem der eigene.',
    },
  },
  recovery: {
    heading: 'Tresor-Wiederherstellungsschlüssel',
    lead: 'In Ihrem Tresor liegen Links, Titel und Moderationsrechte der Meetings, die Sie planen. Dieser Server kann ihn nicht lesen.',
    why: 'Wenn Sie Ihre Passkeys und Ihr Passwort verlieren, öffnet ihn nur noch dieser Schlüssel. Verlieren Sie auch diesen, bleibt Ihr Konto bestehen, aber Titel und Moderationsrechte seiner Meetings sind verloren. Niemand kann sie zurückholen.',
    only: 'Nur dieser Schlüssel öffnet ihn: Womit Sie sich anmelden, öffnet ihn nicht. Wo Sie sich auch anmelden, brauchen Sie ihn für Ihre Meetings, es sei denn, Sie vertrauen dem Gerät. Verlieren Sie ihn, bleibt Ihr Konto bestehen, aber Titel und Moderationsrechte seiner Meetings sind verloren. Niemand kann sie zurückholen.',
    once: 'Er wird nur jetzt gezeigt. Drucken Sie ihn oder schreiben Sie ihn auf und bewahren Sie ihn getrennt von diesem Gerät auf.',
    copy: 'Schlüssel kopieren',
    copied: 'Der Schlüssel ist kopiert. Fügen Sie ihn dort ein, wo nur Sie ihn lesen können.',
    notCopied: 'Der Browser hat das Kopieren nicht erlaubt. Schreiben Sie den Schlüssel auf.',
    stored: 'Ich habe ihn aufbewahrt',
    storing: 'Wird gespeichert …',
    failed: {
      heading: 'Der Tresor konnte nicht gespeichert werden',
      help: 'Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal. Der Schlüssel oben bleibt derselbe.',
    },
  },
  leaving: {
    heading: 'Verlassen, ohne es aufbewahrt zu haben?',
    onlyKey:
      'Der Schlüssel wird nur hier und jetzt gezeigt. Nichts anderes öffnet Ihren Tresor auf einem anderen Gerät: Ohne ihn kann niemand ihn zurückholen.',
    key: 'Der Schlüssel wird nur hier und jetzt gezeigt. Verlieren Sie, womit Sie sich anmelden, kann ohne ihn niemand Ihren Tresor zurückholen.',
    newKey:
      'Der Schlüssel gilt erst, wenn Sie ihn aufbewahrt und das hier bestätigt haben. Bis dahin ändert sich nichts.',
    codes:
      'Die Backup-Codes werden nur hier und jetzt gezeigt. Ohne sie und ohne Ihr Telefon meldet Ihr Passwort Sie nicht an.',
    link: 'Der Link wird nur hier und jetzt gezeigt. Haben Sie ihn nicht kopiert, müssen Sie einen neuen erstellen.',
    leave: 'Trotzdem verlassen',
    stay: 'Bleiben',
  },
  totp: {
    heading: 'Zweiter Faktor',
    lead: 'Wer administriert und sich mit Passwort anmeldet, braucht einen zweiten Faktor: einen Code aus einer App auf dem Telefon.',
    scan: 'Scannen Sie dieses Bild mit einer Authenticator-App oder tippen Sie das Geheimnis ab.',
    picture: 'QR-Code für die Authenticator-App',
    secret: 'Geheimnis',
    code: 'Code',
    confirm: 'Bestätigen',
    wrong: {
      heading: 'Der Code stimmt nicht',
      help: 'Geben Sie die sechs Ziffern ein, die die App jetzt zeigt. Bleibt es dabei, prüfen Sie die Uhr Ihres Telefons.',
    },
    failed: {
      heading: 'Das hat nicht geklappt',
      help: 'Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
    },
    again: 'Noch einmal versuchen',
    fresh: 'Neues Bild erzeugen',
    codes: 'Backup-Codes',
    codesLead: 'Jeder meldet Sie einmal an, anstelle eines Codes aus der App. Sie werden nur jetzt gezeigt.',
    copy: 'Codes kopieren',
    copied: 'Die Codes sind kopiert. Fügen Sie sie dort ein, wo nur Sie sie lesen können.',
    notCopied: 'Der Browser hat das Kopieren nicht erlaubt. Schreiben Sie die Codes auf.',
    stored: 'Ich habe sie aufbewahrt',
  },
  vault: {
    heading: 'Ihr Tresor ist verschlossen',
    lead: 'Darin liegen Links, Titel und Moderationsrechte Ihrer Meetings. Er öffnet sich nur in Ihrem Browser.',
    byPasskey: 'Mit Passkey öffnen',
    byPassword: 'Mit dem Passwort öffnen',
    password: 'Passwort',
    recovery: 'Tresor-Wiederherstellungsschlüssel',
    byRecovery: 'Mit diesem Schlüssel öffnen',
    working: 'Wird geöffnet …',
    wrongPassword: {
      heading: 'Dieses Passwort öffnet ihn nicht',
      help: 'Prüfen Sie es und versuchen Sie es noch einmal.',
    },
    wrongPasskey: {
      heading: 'Dieser Passkey öffnet ihn nicht',
      help: 'Nicht jeder kann das. Verwenden Sie Ihr Passwort oder den Wiederherstellungsschlüssel.',
    },
    wrongRecovery: {
      heading: 'Dieser Schlüssel öffnet ihn nicht',
      help: 'Er hat acht Gruppen zu vier Zeichen. Vergleichen Sie sie mit dem, was Sie aufbewahrt haben.',
    },
    rolledBack: {
      heading: 'Der Server zeigt einen alten Tresor',
      help: 'Dieser Browser hat schon einen neueren gesehen. Geändert wurde nichts. Sagen Sie es denen, die diesen Server betreiben: Vielleicht wurde eine Sicherung eingespielt, oder jemand greift ein.',
    },
    older: {
      go: 'Mit diesem älteren Tresor weitermachen',
      heading: 'Mit dem älteren Tresor weitermachen?',
      help: 'Nur dann, wenn Ihnen die Betreiber dieses Servers gesagt haben, dass sie eine Sicherung eingespielt haben. Meetings, die Sie seither geplant, geändert oder gelöscht haben, sind wieder wie davor.',
      danger:
        'Sonst zeigt Ihnen vielleicht jemand absichtlich einen alten Tresor. Dieser Browser warnt Sie vor diesem dann nicht mehr.',
      confirm: 'Weitermachen',
      cancel: 'Abbrechen',
    },
    unreadable: {
      heading: 'Der Tresor lässt sich nicht lesen',
      help: 'Was der Server hat, ist beschädigt oder mit einem anderen Schlüssel verschlossen. Geändert wurde nichts. Öffnen Sie ihn mit dem Wiederherstellungsschlüssel; hilft das nicht, sagen Sie es denen, die diesen Server betreiben.',
    },
    none: 'Ihren Tresor anlegen',
    noneLead:
      'Sie haben noch keinen Tresor. Darin werden Links, Titel und Moderationsrechte der Meetings liegen, die Sie planen.',
    make: 'Tresor anlegen',
    lost: 'Nichts davon öffnet ihn?',
    lostText:
      'Dann ist sein Inhalt verloren: Links, Titel und Moderationsrechte der Meetings darin. Sie können mit einem leeren Tresor neu beginnen. Der alte wird dann endgültig gelöscht.',
    anew: 'Mit leerem Tresor beginnen',
  },
  home: {
    schedule: 'Meeting planen',
    signIn: 'Anmelden',
    signInWhy: 'Zum Starten und Planen von Meetings brauchen Sie hier ein Konto.',
    as: (name) => `Angemeldet als ${name}`,
    account: 'Konto',
    admin: 'Administration',
    signOut: 'Abmelden',
    signedOut: 'Sie sind abgemeldet.',
    notices: 'Zu Ihrem Konto gibt es etwas Neues.',
    again: 'Noch einmal versuchen',
    unknown: { heading: 'Der Server antwortet nicht', help: 'Ob Sie angemeldet sind, ist nicht bekannt.' },
    signedIn: {
      heading: 'Das Abmelden hat nicht geklappt',
      help: 'Der Server hat nicht geantwortet; vielleicht sind Sie noch angemeldet.',
    },
  },
}
