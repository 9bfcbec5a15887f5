import type { NoticeWords } from './notice.en'

export const de: NoticeWords = {
  notice: {
    heading: 'Datenschutzhinweise',
    lead: 'Für alle, die auf diesem Server an einem Video-Meeting teilnehmen.',
    who: 'Wer verantwortlich ist',
    whoUnknown:
      'Die Betreiber dieser Installation haben noch keinen Namen und keinen Kontakt angegeben. Fragen Sie die Person, die Sie eingeladen hat.',
    contact: 'Kontakt',
    purpose: 'Wozu und auf welcher Grundlage',
    purposeText:
      'Um das Video-Meeting durchzuführen, zu dem Sie eingeladen sind. Die Rechtsgrundlage nach Artikel 6 DSGVO hängt vom Anlass des Meetings ab; die verantwortliche Stelle kann sie Ihnen nennen.',
    processed: 'Was verarbeitet wird',
    processedList: [
      'Eine Zufallszahl für Ihren Platz im Meeting und die Zeiten, zu denen Sie kommen und gehen. Sie brauchen kein Konto, und der Server erfährt nicht, wer Sie sind.',
      'Ihr Name und der Titel des Meetings, nur als Geheimtext, den der Server nicht lesen kann. Die anderen im Meeting sehen beides.',
      'Bild, Ton und geteilter Bildschirm, solange sie eingeschaltet sind: als Geheimtext weitergeleitet, nie gespeichert.',
      'Ihre Netzadresse, solange Sie verbunden sind, weil sonst nichts zugestellt werden könnte. Sie steht weder in der Datenbank noch in den Protokollen; zum Schutz vor Überlastung wird sie einige Minuten lang im Arbeitsspeicher gezählt.',
      'Wenn Sie ein Konto haben: dessen Anmeldename, Rolle und Tag, woran Ihr Passkey oder Passwort geprüft wird, Ihre Sitzungen mit der Art des Browsers, ihrem Beginn und der Stunde, in der sie zuletzt benutzt wurden, und Ihren Tresor als Geheimtext. Diese Stunde bleibt so lange wie die Sitzung. Eine Adresse wird nicht aufbewahrt. Bei Ihrem Platz in einem Meeting wird Ihr Konto nicht vermerkt.',
      'Wenn Sie im Nachweis dieser Installation für etwas einstehen oder eine Abweichung genehmigen: Ihr Name, Ihre Funktion, Ihre Dokumente und Ihr Konto bleiben dabei als Nachweis, so lange, wie die Betreiber dieser Installation es festgelegt haben.',
    ],
    unseen: 'Was der Server nicht sehen kann',
    unseenText:
      'Bild, Ton, Bildschirme, Namen und Titel werden in Ihrem Browser verschlüsselt. Die Schlüssel stammen aus dem Teil des Links hinter dem Zeichen #, den Browser nie senden. Sehen kann der Server, wie viele Personen wann verbunden sind und wie viele Daten fließen.',
    browser: 'Was Ihr Browser behält',
    browserText:
      'Bis Sie den Tab schließen: Ihren Namen, Ihren Platz, die gewählten Geräte und die Sprache. Wenn Sie ein Meeting starten: den Schlüssel der Moderation, damit Sie es weiter moderieren können; er wird gelöscht, sobald Sie nach Ablauf von 24 Stunden hier wieder ein Meeting öffnen. Nichts davon dient dazu, Sie wiederzuerkennen. Nur wenn Sie sich mit einem Konto anmelden, gibt es ein Cookie: Es hält Sie zwölf Stunden lang angemeldet, höchstens sieben Tage. Ihr Browser behält dann auch den Schlüssel Ihres Tresors und die Nummer seiner letzten Fassung. Der Link bleibt im Verlauf Ihres Browsers.',
    duration: 'Wie lange',
    durationText: (minutes, hours) =>
      `Ein Platz wird innerhalb einer Stunde nach dem Meeting gelöscht. Das Meeting ist zu Ende, wenn seit ${count(minutes, 'einer Minute', 'Minuten')} niemand mehr da ist, spätestens ${count(hours, 'eine Stunde', 'Stunden')} nach dem Anlegen.`,
    never: 'Was nicht geschieht',
    neverList: [
      'Der Server zeichnet nichts auf.',
      'Keine Dritten: Jede Datei und jede Verbindung kommt von diesem Server.',
      'Keine Auswertung, keine Werbung, keine automatisierten Entscheidungen.',
    ],
    rights: 'Ihre Rechte',
    rightsText:
      'Sie können von der verantwortlichen Stelle Auskunft, Berichtigung, Löschung, Einschränkung und Übertragung verlangen und der Verarbeitung widersprechen (Artikel 15 bis 21 DSGVO). Weil der Server nicht weiß, wer Sie sind, lassen sich Ihre Daten nur über die Zufallszahl Ihres Platzes finden. Sie können sich bei einer Datenschutz-Aufsichtsbehörde beschweren (Artikel 77 DSGVO).',
  },
  imprint: {
    heading: 'Impressum',
    runBy: 'Diese Installation wird betrieben von',
    contact: 'Kontakt',
    unknown:
      'Die Betreiber dieser Installation haben noch keinen Namen und keinen Kontakt angegeben. Das geht mit den Einstellungen OPERATOR_NAME und OPERATOR_CONTACT.',
    software: 'Klausur ist freie Software unter der EUPL-1.2.',
    licences: 'Lizenzen ihrer Teile',
  },
  operatorLoading: 'Wird geladen …',
  operatorFailed: 'Der Server antwortet nicht, deshalb lässt sich der Name der Betreiber nicht zeigen.',
}

function count(n: number, one: string, many: string): string {
  return n === 1 ? one : `${n} ${many}`
}
