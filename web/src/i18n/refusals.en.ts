/** What stands beside a control that was refused, and the names of the roles: for the account and the administration. */
export const en = {
  roles: { organiser: 'Organiser', administrator: 'Administrator', auditor: 'Auditor' },
  signIn: 'Sign in',
  refusals: {
    signedOut: {
      heading: 'You are signed out',
      help: 'The session has ended, or somebody else has signed in in another tab. Sign in again, then repeat this.',
    },
    secondFactor: {
      heading: 'This needs a second factor',
      help: 'You are signed in without one. Sign in again with a passkey or with your code, then repeat this.',
    },
    notAllowed: { heading: 'Your role does not include this', help: 'An administrator can change it.' },
    lastAdministrator: {
      heading: 'There is no other administrator',
      help: 'Somebody has to be able to administer. Give another person this role first.',
    },
    lastMeans: {
      heading: 'You would lock yourself out',
      help: 'Add another way to sign in first. Administrators need a passkey, or a password with a second factor.',
    },
    wrongCode: {
      heading: 'The code is not right',
      help: 'Enter the one that your app shows now. Each works once.',
    },
    wrongPassword: { heading: 'The current password is not right', help: 'Enter it again.' },
    tooMany: {
      heading: 'Too many attempts',
      help: 'Wait for a while, then try again.',
      wait: (seconds: number) =>
        seconds < 90
          ? `Wait for ${seconds === 1 ? 'one second' : `${seconds} seconds`}, then try again.`
          : `Wait for ${Math.ceil(seconds / 60)} minutes, then try again.`,
    },
    gone: { heading: 'That is not there any more', help: 'The list now shows what there is.' },
    outdated: {
      heading: 'Another device was faster',
      help: 'Your vault has changed meanwhile. Try again.',
    },
    nameTaken: { heading: 'Somebody has this name', help: 'Choose another one, or leave it to the invited.' },
    notTaken: { heading: 'This cannot be saved', help: 'Names have 2 to 64 characters. Change it, then try again.' },
    noPasskey: {
      heading: 'The browser gave no passkey',
      help: 'It was cancelled, took too long, or there is none here. Try again.',
    },
    passkeyExpired: {
      heading: 'That took too long',
      help: 'The server did not wait for your passkey any more. Try again; one that your device has kept meanwhile is of no use, and can be removed there.',
    },
    unsafe: {
      heading: 'The password was not used',
      help: 'The server asked for it in a way that would not protect it. Tell those who run this server.',
    },
    passkeyExists: {
      heading: 'This device already has one',
      help: 'It holds a passkey for this account. Add one on another device, or use the one you have.',
    },
    passkeysImpossible: {
      heading: 'There can be no passkeys here',
      help: 'This browser, or the address of this page, cannot have any.',
    },
    vaultUnreadable: {
      heading: 'Your vault cannot be read',
      help: 'It is damaged, or older than this browser has seen it. Nothing was changed. Talk to your administrators.',
    },
    unreachable: { heading: 'The server does not answer', help: 'Check your connection, then try again.' },
    failed: { heading: 'That did not work', help: 'Nothing was changed. Try again; reload the page if it stays so.' },
  },
}

export type RefusalWords = typeof en
