import type { RefusalWords } from './refusals.en'

export const de: RefusalWords = {
  roles: { organiser: 'Organisation', administrator: 'Administration', auditor: 'Prüfung' },
  signIn: 'Anmelden',
  refusals: {
    signedOut: {
      heading: 'Sie sind abgemeldet',
      help: 'Die Sitzung ist zu Ende, oder in einem anderen Tab hat sich jemand anders angemeldet. Melden Sie sich erneut an und wiederholen Sie es dann.',
    },
    secondFactor: {
      heading: 'Das braucht einen zweiten Faktor',
      help: 'Sie sind ohne zweiten Faktor angemeldet. Melden Sie sich erneut mit einem Passkey oder mit Ihrem Code an und wiederholen Sie es dann.',
    },
    notAllowed: { heading: 'Ihre Rolle umfasst das nicht', help: 'Die Administration kann sie ändern.' },
    lastAdministrator: {
      heading: 'Es gibt sonst niemanden in der Administration',
      help: 'Jemand muss administrieren können. Geben Sie zuerst einer anderen Person diese Rolle.',
    },
    lastMeans: {
      heading: 'Sie würden sich aussperren',
      help: 'Fügen Sie zuerst einen anderen Weg der Anmeldung hinzu. Die Administration braucht einen Passkey oder ein Passwort mit zweitem Faktor.',
    },
    wrongCode: {
      heading: 'Der Code stimmt nicht',
      help: 'Geben Sie den ein, den Ihre App jetzt zeigt. Jeder gilt einmal.',
    },
    wrongPassword: { heading: 'Das derzeitige Passwort stimmt nicht', help: 'Geben Sie es noch einmal ein.' },
    tooMany: {
      heading: 'Zu viele Versuche',
      help: 'Warten Sie eine Weile, und versuchen Sie es dann erneut.',
      wait: (seconds) =>
        seconds < 90
          ? `Warten Sie ${seconds === 1 ? 'eine Sekunde' : `${seconds} Sekunden`}, und versuchen Sie es dann erneut.`
          : `Warten Sie ${Math.ceil(seconds / 60)} Minuten, und versuchen Sie es dann erneut.`,
    },
    gone: { heading: 'Das gibt es nicht mehr', help: 'Die Liste zeigt jetzt, was da ist.' },
    outdated: {
      heading: 'Ein anderes Gerät war schneller',
      help: 'Ihr Tresor hat sich inzwischen geändert. Versuchen Sie es erneut.',
    },
    nameTaken: {
      heading: 'Diesen Namen hat schon jemand',
      help: 'Wählen Sie einen anderen, oder überlassen Sie ihn der eingeladenen Person.',
    },
    notTaken: {
      heading: 'So ist das nicht zu speichern',
      help: 'Namen haben 2 bis 64 Zeichen. Ändern Sie ihn, und versuchen Sie es dann erneut.',
    },
    noPasskey: {
      heading: 'Der Browser hat keinen Passkey gegeben',
      help: 'Es wurde abgebrochen, hat zu lange gedauert, oder hier gibt es keinen. Versuchen Sie es erneut.',
    },
    passkeyExpired: {
      heading: 'Das hat zu lange gedauert',
      help: 'Der Server hat nicht länger auf Ihren Passkey gewartet. Versuchen Sie es erneut; einen, den Ihr Gerät inzwischen behalten hat, können Sie dort löschen.',
    },
    unsafe: {
      heading: 'Das Passwort wurde nicht verwendet',
      help: 'Der Server wollte es auf eine Weise, die es nicht schützt. Sagen Sie es denen, die diesen Server betreiben.',
    },
    passkeyExists: {
      heading: 'Dieses Gerät hat schon einen',
      help: 'Es hat einen Passkey für dieses Konto. Fügen Sie auf einem anderen Gerät einen hinzu, oder verwenden Sie den vorhandenen.',
    },
    passkeysImpossible: {
      heading: 'Hier kann es keine Passkeys geben',
      help: 'Dieser Browser oder die Adresse dieser Seite kann keine haben.',
    },
    vaultUnreadable: {
      heading: 'Ihr Tresor ist nicht zu lesen',
      help: 'Er ist beschädigt oder älter, als dieser Browser ihn gesehen hat. Nichts wurde geändert. Sprechen Sie mit der Administration.',
    },
    unreachable: {
      heading: 'Der Server antwortet nicht',
      help: 'Prüfen Sie Ihre Verbindung, und versuchen Sie es dann erneut.',
    },
    failed: {
      heading: 'Das hat nicht geklappt',
      help: 'Nichts wurde geändert. Versuchen Sie es erneut; laden Sie die Seite neu, wenn es so bleibt.',
    },
  },
}
