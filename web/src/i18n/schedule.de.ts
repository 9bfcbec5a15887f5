import type { ScheduleWords } from './schedule.en'

export const de: ScheduleWords = {
  heading: 'Meeting planen',
  editHeading: 'Meeting ändern',
  loading: 'Wird geladen …',
  signedOut: { heading: 'Sie sind abgemeldet', help: 'Melden Sie sich an, um Meetings zu planen.', signIn: 'Anmelden' },
  fields: {
    title: 'Titel',
    titleHint: 'Verschlüsselt; nur wer den Link hat, kann ihn lesen',
    untitled: 'Meeting',
    date: 'Datum',
    start: 'Beginn',
    duration: 'Dauer',
    zone: 'Zeitzone',
    otherZones: 'Weitere',
    repeat: 'Wiederholen',
    once: 'Keine Wiederholung',
    days: 'An diesen Tagen',
    ends: 'Endet',
    endsNever: 'Nie',
    endsUntil: 'An einem Tag',
    endsCount: 'Nach einer Anzahl von Terminen',
    until: 'Letzter Tag',
    count: 'Anzahl der Termine',
    waitingRoom: 'Warteraum',
    waitingRoomHint: 'Sie lassen alle einzeln ein.',
    waitingRoomOffHint: 'Wer den Link hat, kommt sofort hinein, auch vor Ihnen.',
    guests: 'Gäste dürfen teilnehmen',
    guestsHint: 'Wer den Link hat, braucht nur einen Namen.',
    noGuestsHint: 'Nur wer hier angemeldet ist, kann teilnehmen.',
    guestsOff: 'Nur wer hier angemeldet ist, kann teilnehmen: Diese Installation lässt keine Gäste zu.',
    guestsFixed: 'Wer teilnehmen darf, steht seit dem Anlegen des Links fest:',
    save: 'Speichern',
    saving: 'Wird gespeichert …',
  },
  hints: {
    skipped: (time) => `An diesem Tag überspringt die Uhr diese Zeit. Das Meeting beginnt um ${time}.`,
    doubled: 'An diesem Tag zeigt die Uhr diese Zeit zweimal. Es gilt das erste Mal.',
    moved: (date) => `Der erste Termin ist ${date}.`,
    shortMonths: 'Monate ohne diesen Tag entfallen.',
    renewed:
      'Der Server hält ein Meeting höchstens 13 Monate vor. Eine längere Reihe verlängert sich, wenn Sie hier Ihre Meetings ansehen; geschieht das so lange nicht, erlischt ihr Link.',
  },
  duration: (hours, minutes) =>
    [
      hours > 0 ? `${hours} ${hours === 1 ? 'Stunde' : 'Stunden'}` : '',
      minutes > 0 ? `${minutes} ${minutes === 1 ? 'Minute' : 'Minuten'}` : '',
    ]
      .filter(Boolean)
      .join(' '),
  repeats: {
    day: 'Jeden Tag',
    week: 'Jede Woche',
    fortnight: 'Alle zwei Wochen',
    date: (day) => `Jeden Monat am ${day}.`,
    weekday: (nth, weekday) =>
      `Jeden Monat am ${{ 1: 'ersten', 2: 'zweiten', 3: 'dritten', 4: 'vierten' }[nth] ?? 'letzten'} ${weekday}`,
    on: (repeat, days) => `${repeat} am ${days}`,
    until: (repeat, day) => `${repeat}, bis ${day}`,
    count: (repeat, count) => `${repeat}, ${count === 1 ? 'einmal' : `${count}-mal`}`,
  },
  trouble: {
    over: { heading: 'Diese Zeit ist vorbei', help: 'Wählen Sie ein Datum, das noch bevorsteht.' },
    tooFar: { heading: 'Das liegt zu weit voraus', help: 'Der erste Termin darf höchstens 13 Monate entfernt sein.' },
    noDate: { heading: 'In dieser Reihe liegt kein Termin', help: 'Wählen Sie einen späteren letzten Tag.' },
    incomplete: { heading: 'Es fehlt etwas', help: 'Geben Sie Datum, Beginn und, falls die Reihe endet, das Ende an.' },
    gone: {
      heading: 'Dieses Meeting gibt es nicht mehr',
      help: 'Es wurde abgesagt oder hat einen neuen Link, vielleicht von einem anderen Gerät aus.',
    },
    stranded: {
      heading: 'Das Meeting konnte nicht in Ihrem Tresor abgelegt werden',
      help: 'Es wurde angelegt und ließ sich nicht zurücknehmen. Bewahren Sie diesen Link auf: Er steht sonst nirgends. In diesem Browser haben Sie die Moderation.',
    },
    notVoided: {
      heading: 'Der alte Link gilt vielleicht noch',
      help: 'Der neue ist angelegt. Der alte steht noch in Ihren Meetings, als ersetzt bezeichnet: Löschen Sie ihn dort.',
    },
    notDropped: {
      heading: 'Das alte Meeting steht noch in Ihrer Liste',
      help: 'Der neue Link ist angelegt, und der alte führt nirgends mehr hin. Nur Ihr Tresor ließ sich nicht ändern: Löschen Sie das Meeting, das als ersetzt bezeichnet ist.',
    },
    notOpen: {
      heading: 'Sie können hier keine Meetings planen',
      help: 'Ihr Konto oder diese Installation erlaubt es nicht.',
    },
    unreachable: {
      heading: 'Der Server antwortet nicht',
      help: 'Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
    },
    vault: {
      heading: 'Ihr Tresor konnte nicht geschrieben werden',
      help: 'Vielleicht hat ihn ein anderes Gerät geändert, oder er ist voll. Versuchen Sie es noch einmal; Ihre Angaben stehen noch hier.',
    },
    failed: {
      heading: 'Das hat nicht geklappt',
      help: 'Versuchen Sie es noch einmal. Bleibt es dabei, wenden Sie sich an die Betreiber dieses Servers.',
    },
    file: {
      heading: 'Die Kalenderdatei konnte nicht erzeugt werden',
      help: 'Versuchen Sie es noch einmal, oder senden Sie den Link.',
    },
  },
  share: {
    heading: 'Einladen',
    saved: 'Das Meeting ist gespeichert.',
    lead: 'Senden Sie die Kalenderdatei oder den Link. Wer eines von beiden lesen kann, kann zum Meeting kommen; wählen Sie den Weg danach.',
    news: 'Kalender übernehmen Änderungen, wenn die neue Kalenderdatei geöffnet wird.',
    replaced:
      'Zu diesem Meeting gibt es einen neueren Link. Dort ist auch die Kalenderdatei: Öffnen Sie ihn über Ihre Meetings auf der Startseite.',
    file: 'Kalenderdatei',
    fileName: 'Meeting',
    mail: 'E-Mail-Entwurf',
    copy: 'Einladungslink kopieren',
    copied: 'Der Einladungslink ist kopiert.',
    notCopied: 'Der Browser hat das Kopieren nicht erlaubt. Öffnen Sie das Meeting und kopieren Sie seine Adresse.',
    qr: 'QR-Code',
    qrLabel: 'QR-Code des Einladungslinks',
    newLink: 'Neuer Link',
    newLinkAsk: 'Neuen Link anlegen?',
    newLinkHelp:
      'Der alte führt dann nirgends mehr hin, und wer gerade im Meeting ist, muss hinaus. Alle Eingeladenen brauchen den neuen.',
    newLinkDone: 'Der neue Link ist angelegt. Senden Sie ihn allen, die kommen sollen.',
    cancel: 'Meeting absagen',
    cancelAsk: 'Dieses Meeting absagen?',
    cancelHelp:
      'Der Link führt dann nirgends mehr hin, für alle Termine, und wer gerade im Meeting ist, muss hinaus. Das lässt sich nicht zurücknehmen.',
    keep: 'So lassen',
    cancelled: 'Das Meeting ist abgesagt',
    cancelledHelp: 'Senden Sie diese Kalenderdatei den Eingeladenen: Sie nimmt das Meeting aus deren Kalendern.',
    cancelledFileless:
      'Der Eintrag in den Kalendern bleibt: Er gehört zum anderen Link zu diesem Meeting, der in Ihren Meetings steht.',
    home: 'Zur Startseite',
  },
  invitation: {
    body: (title, when, link, notice) =>
      `Sie sind zu „${title}“ eingeladen.\n\n${when}\n\nHier nehmen Sie teil:\n${link}\n\nBild, Ton und Namen sind von Gerät zu Gerät verschlüsselt. Sie brauchen einen Browser und sonst nichts. Bitte geben Sie den Link nicht weiter.\n\nDatenschutzhinweise: ${notice}`,
    entry: (link, notice) =>
      `Hier nehmen Sie teil:\n${link}\n\nBild, Ton und Namen sind von Gerät zu Gerät verschlüsselt. Sie brauchen einen Browser und sonst nichts. Bitte geben Sie den Link nicht weiter.\n\nDatenschutzhinweise: ${notice}`,
  },
  when: {
    over: (date) => `Vorbei seit ${date}`,
    yours: (zone) => `In Ihrer Zeitzone, ${zone}`,
  },
  list: {
    heading: 'Ihre Meetings',
    locked: 'Ihre Meetings liegen in Ihrem Tresor, und der ist in diesem Browser geschlossen.',
    open: 'Tresor öffnen',
    none: 'Sie haben keine Meetings geplant.',
    instant: (date) => `Angelegt ${date}`,
    replaced: 'Durch einen neueren Link ersetzt',
    running: 'Jetzt',
    start: 'Starten',
    edit: 'Bearbeiten',
    delete: 'Löschen',
    deleteAsk: (title) => `${title} löschen?`,
    deleteHelp:
      'Damit wird das Meeting abgesagt: Der Link führt dann nirgends mehr hin, für alle Termine. Eine Kalenderdatei, die es den Eingeladenen sagt, gibt es unter „Bearbeiten“ bei „Meeting absagen“.',
    deleted: 'Das Meeting ist gelöscht.',
    again: 'Noch einmal versuchen',
    failed: 'Ihre Meetings konnten nicht geladen werden.',
  },
}
