import type { Words } from './en'

export const de: Words = {
  product: 'Klausur',
  switcher: 'Sprache',
  footer: { privacy: 'Datenschutzhinweise', imprint: 'Impressum', proof: 'So wird das belegt' },
  home: {
    heading: 'Hinter geschlossenen Türen tagen',
    lead: 'Nur wer am Meeting teilnimmt, kann es sehen und hören. Nicht einmal dieser Server kann das.',
    link: 'Link zum Meeting',
    linkHint: 'https://…/m/…',
    proceed: 'Weiter',
    start: 'Meeting starten',
    starting: 'Wird gestartet …',
    noLink: 'Fügen Sie den Link ein, den Sie erhalten haben.',
    otherServer: 'Dieser Link gehört zu einem anderen Server. Öffnen Sie ihn in einem neuen Tab.',
  },
  before: {
    heading: 'Am Meeting teilnehmen',
    looking: 'Das Meeting wird gesucht …',
    name: 'Ihr Name',
    noName: 'Geben Sie einen Namen ein, den die anderen sehen.',
    longName: 'Dieser Name ist zu lang: Die anderen sehen seine ersten 80 Zeichen.',
    camera: 'Kamera',
    microphone: 'Mikrofon',
    cameraOff: 'Ihre Kamera ist aus',
    cameraStarting: 'Die Kamera startet …',
    picture: 'Ihr Bild',
    cameraDevice: 'Kamera auswählen',
    microphoneDevice: 'Mikrofon auswählen',
    speakerDevice: 'Lautsprecher auswählen',
    unnamedDevice: (n) => `Gerät ${n}`,
    test: 'Ton testen',
    heard:
      'Ein Ton wird abgespielt. Nichts zu hören? Prüfen Sie die Lautstärke oder wählen Sie einen anderen Lautsprecher.',
    who: 'Wer den Link hat, kann teilnehmen, und nur wer teilnimmt, kann Sie sehen und hören. Verschlüsselt wird von Gerät zu Gerät. Aufgezeichnet wird hier nichts.',
    whoAdmitted:
      'Nur wer eingelassen wurde, kann Sie sehen und hören: Darüber entscheidet bei jeder Person die Moderation oder Co-Moderation. Verschlüsselt wird von Gerät zu Gerät. Aufgezeichnet wird hier nichts.',
    join: 'Teilnehmen',
    joining: 'Sie treten bei …',
    title: 'Titel',
    titleHint: 'Verschlüsselt; lesen kann ihn nur, wer den Link hat',
    titleFailed: 'Der Titel konnte nicht gespeichert werden. Ändern Sie ihn noch einmal.',
    waitingRoom: 'Warteraum',
    waitingRoomHint: 'Sie lassen alle einzeln ein.',
    waitingRoomOffHint: 'Wer den Link hat, kommt sofort herein.',
    waitingRoomFailed: 'Das konnte nicht gespeichert werden. Versuchen Sie es noch einmal.',
    copy: 'Einladungslink kopieren',
    copied: 'Der Einladungslink ist kopiert.',
    notCopied: 'Der Browser hat das Kopieren nicht erlaubt. Kopieren Sie den Link aus der Adresszeile.',
    waitingTitle: 'Sie leiten dieses Meeting. Senden Sie den Einladungslink an alle, die kommen sollen.',
  },
  without: { camera: 'Sie können auch ohne teilnehmen.', microphone: 'Zuhören können Sie auch ohne.', speaker: '' },
  devices: {
    camera: {
      refused: {
        heading: 'Der Browser darf die Kamera nicht verwenden',
        help: 'Erlauben Sie die Kamera in der Adresszeile oder in den Einstellungen des Browsers und schalten Sie sie erneut ein.',
      },
      missing: {
        heading: 'Keine Kamera gefunden',
        help: 'Schließen Sie eine Kamera an und schalten Sie sie erneut ein.',
      },
      busy: {
        heading: 'Ein anderes Programm verwendet die Kamera',
        help: 'Schließen Sie das andere Programm und schalten Sie die Kamera erneut ein.',
      },
    },
    microphone: {
      refused: {
        heading: 'Der Browser darf das Mikrofon nicht verwenden',
        help: 'Erlauben Sie das Mikrofon in der Adresszeile oder in den Einstellungen des Browsers und schalten Sie es erneut ein.',
      },
      missing: {
        heading: 'Kein Mikrofon gefunden',
        help: 'Schließen Sie ein Mikrofon an und schalten Sie es erneut ein.',
      },
      busy: {
        heading: 'Ein anderes Programm verwendet das Mikrofon',
        help: 'Schließen Sie das andere Programm und schalten Sie das Mikrofon erneut ein.',
      },
    },
    speaker: {
      refused: {
        heading: 'Der Browser darf diesen Lautsprecher nicht verwenden',
        help: 'Wählen Sie einen anderen Lautsprecher oder erlauben Sie ihn in den Einstellungen des Browsers.',
      },
      missing: {
        heading: 'Dieser Lautsprecher ist nicht mehr da',
        help: 'Wählen Sie einen anderen. Der Ton kommt bis dahin aus dem üblichen.',
      },
      busy: {
        heading: 'Ein anderes Programm verwendet den Lautsprecher',
        help: 'Schließen Sie das andere Programm oder wählen Sie einen anderen Lautsprecher.',
      },
    },
  },
  trouble: {
    incomplete: {
      heading: 'Dieser Link ist unvollständig',
      help: 'Ein Teil ist unterwegs verloren gegangen. Bitten Sie um den ganzen Link und kopieren Sie ihn vom Anfang bis zum letzten Zeichen.',
    },
    none: {
      heading: 'Hier gibt es kein Meeting',
      help: 'Es ist vielleicht vorbei, oder der Link ist beschädigt. Bitten Sie die Person, die Sie eingeladen hat, um einen neuen Link.',
    },
    notStarted: {
      heading: 'Das Meeting hat noch nicht begonnen',
      help: 'Vorher kommt niemand hinein. Kommen Sie zur verabredeten Zeit wieder und versuchen Sie es noch einmal.',
    },
    locked: {
      heading: 'Das Meeting ist gesperrt',
      help: 'Im Moment wird niemand mehr hereingelassen. Bitten Sie jemanden, der schon teilnimmt, es zu entsperren, und versuchen Sie es noch einmal.',
    },
    declined: {
      heading: 'Sie wurden nicht eingelassen',
      help: 'Wenn Sie das für ein Versehen halten, sprechen Sie mit der Person, die Sie eingeladen hat.',
    },
    full: {
      heading: 'Das Meeting ist voll',
      help: 'Erst wenn jemand geht, wird wieder ein Platz frei. Versuchen Sie es etwas später noch einmal.',
    },
    tooMany: {
      heading: 'Zu viele Versuche',
      help: 'Aus Ihrem Netz kamen zu viele Versuche. Warten Sie ein wenig und versuchen Sie es noch einmal.',
      wait: (seconds) =>
        seconds > 90
          ? `Aus Ihrem Netz kamen zu viele Versuche. Versuchen Sie es in etwa ${Math.ceil(seconds / 60)} Minuten noch einmal.`
          : `Aus Ihrem Netz kamen zu viele Versuche. Versuchen Sie es in ${seconds} Sekunden noch einmal.`,
    },
    restarting: {
      heading: 'Der Server startet neu',
      help: 'Das dauert in der Regel wenige Sekunden. Versuchen Sie es dann noch einmal.',
    },
    lost: {
      heading: 'Die Verbindung ist unterbrochen',
      help: 'Prüfen Sie, ob dieses Gerät online ist, und versuchen Sie es noch einmal.',
    },
    cannotEncrypt: {
      heading: 'Dieser Browser kann Meetings nicht verschlüsseln',
      help: 'Es wurde nichts gesendet. Aktualisieren Sie den Browser oder öffnen Sie den Link in einem aktuellen Firefox, Chrome, Edge oder Safari.',
    },
    failed: {
      heading: 'Der Server konnte nicht antworten',
      help: 'Ein Teil davon ist ausgefallen. Versuchen Sie es noch einmal; hilft das nicht, sagen Sie es denen, die diesen Server betreiben.',
    },
    storage: {
      heading: 'Der Server kann gerade nichts speichern',
      help: 'Darum müssen sich seine Betreiber kümmern. Versuchen Sie es später noch einmal.',
    },
    notOpen: {
      heading: 'Auf dieser Seite kann niemand ein Meeting starten',
      help: 'Diese Installation lässt das nicht zu. Mit einem Link zum Meeting können Sie teilnehmen.',
    },
    signIn: {
      heading: 'Dieses Meeting ist nur mit Konto zugänglich',
      help: 'Melden Sie sich an, dann kommen Sie hierher zurück.',
      act: 'Anmelden',
    },
    unknownPage: {
      heading: 'Hier gibt es keine Seite',
      help: 'Die Adresse ist falsch oder veraltet.',
    },
    again: 'Noch einmal versuchen',
    home: 'Zur Startseite',
    otherLink: 'Anderen Link eingeben',
  },
}
